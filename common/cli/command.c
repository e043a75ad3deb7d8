#include "common/cli/command.h"

#include "common/cli/output.h"

command_check *command_check_client, *command_check_server;

int command_failed(const char *speaker, const struct err *err)
{
	fprintf(stderr, "twstorm %s: %s\n", speaker, err->text);
	return err->exit;
}

int command_main(const struct opt_command *command, command_run *run, int argc,
		 char **argv, void *options)
{
	struct err err = { .exit = EXIT_CANNOT_RUN };
	struct opt_result parsed;
	int r;

	if (complete_asked())
		return complete_command(command, argc, argv);
	r = opt_parse(command, argc, argv, options, &parsed, &err);

	if (r == 0 && !parsed.help_shown) {
		r = run(options, &parsed, &err);
		if (r == 0)
			r = output_flush_stdout(&err);
	}
	opt_done(command, options);
	if (r >= 0)
		return r;
	return command_failed(command->speaker ? command->speaker : command->name, &err);
}
