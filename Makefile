# twstorm - `make` builds build/twstorm; `make help` lists the rest.
#
# Every combination of compiler and sanitizers has a directory of its own:
#   make                              build/
#   make CC=clang                     build/clang/
#   make SAN=address,undefined test   build/address-undefined/
# Other changes of flags (CFLAGS, LDFLAGS, ...) rebuild what is in that directory.

VERSION := 0.1.0
PREFIX  ?= /usr/local
CFLAGS  ?= -O2 -g
PKGCFG  ?= pkg-config
PKGS    := libevent_core libevent_extra libevent_pthreads jansson libmnl
# OPENSSL=no builds without TLS, as does a machine without OpenSSL.
ifndef OPENSSL
OPENSSL := $(if $(shell $(PKGCFG) --exists 'openssl >= 3' 2>/dev/null && echo 3),yes,no)
endif

comma   := ,
quote   := '
# What differs from the compiler make itself would take names the directory.
COMPILER := $(if $(filter default,$(origin CC)),,$(filter-out cc gcc,$(notdir $(firstword $(CC)))))
KIND    := $(subst $(comma),-,$(COMPILER)$(if $(COMPILER),$(if $(SAN),-))$(SAN))
OUT     := build$(if $(KIND),/$(KIND))
OBJ     := $(OUT)/obj

# Asked for when the first file is compiled, and once: `make help` or `make deps` need no
# pkg-config.
once     = $(eval $(1) := $(shell $(2)))$($(1))
ALL_PKGS   = $(PKGS) $(if $(filter yes,$(OPENSSL)),openssl)
PKG_CFLAGS = $(call once,PKG_CFLAGS,$(PKGCFG) --cflags $(ALL_PKGS) 2>/dev/null)
PKG_LIBS   = $(call once,PKG_LIBS,$(PKGCFG) --libs $(ALL_PKGS) 2>/dev/null)
CHECK_LIBS = $(call once,CHECK_LIBS,$(PKGCFG) --libs check 2>/dev/null)

WARN    := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2
SANITIZE = $(if $(SAN),-fsanitize=$(SAN) -DSANITIZED -fno-sanitize-recover=all -fno-omit-frame-pointer)
FLAGS    = -std=gnu11 -D_GNU_SOURCE -DTWSTORM_VERSION='"$(VERSION)"' -I. -pthread \
	   $(WARN) $(SANITIZE) $(PKG_CFLAGS) $(CPPFLAGS) $(CFLAGS)
# The same source gives the same program, whatever the name of the folder it is in.
SAME_ANYWHERE = -ffile-prefix-map=$(call quoted,$(CURDIR))=.
# WERROR=1: warnings are errors.  WERROR=known: where the compiler is one of those that this code
# was made to compile without warnings with; a newer one's new warning stops nobody.
KNOWN_COMPILERS := gcc-12 clang-14
COMPILER_NAME = $(call once,COMPILER_NAME,$(CC) -E -P -x c tools/compiler.h 2>/dev/null | tr -d ' \n')
KNOWN_ERRORS = $(if $(filter $(KNOWN_COMPILERS),$(COMPILER_NAME)),-Werror)
ERRORS   = $(if $(filter known,$(WERROR)),$(KNOWN_ERRORS),$(if $(WERROR),-Werror))
LINK     = $(CC) -pthread $(SANITIZE) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o %.a,$^)
LIBS     = $(PKG_LIBS) -lm

# V=1 shows the commands, otherwise one short line for each.
Q       := $(if $(V),,@)
say      = $(if $(V),@:,@echo "$(1) $(2)")

PARTS   := client server bench
# A part's files and those of its folders; bench/rivals/ is programs of its own.  TLS is in the files of common/tls/,
# or, without OpenSSL, in none.c.
NO_TLS   := common/tls/counts.c common/tls/none.c common/tls/options.c
LEFT_OUT  = $(if $(filter yes,$(OPENSSL)),common/tls/none.c,$(filter-out $(NO_TLS),$(wildcard common/tls/*.c)))
sources  = $(filter-out bench/rivals/% $(LEFT_OUT),$(wildcard $(1)/*.c $(1)/*/*.c))
objs     = $(patsubst %.c,$(OBJ)/%.o,$(call sources,$(1)))
programs = $(patsubst %.c,$(OUT)/%,$(wildcard $(1)))
UNIT    := $(call programs,tests/common/test_*.c $(PARTS:%=tests/%/test_*.c))
HELPERS := $(filter-out $(if $(filter yes,$(OPENSSL)),,$(OUT)/tests/tools/tls_pair $(OUT)/tests/tools/tls_asks $(OUT)/tests/tools/tls_flood),$(call programs,tests/tools/*.c tests/netns/*.c)) \
	   $(patsubst %.c,$(OUT)/%.so,$(wildcard tests/preload/*.c))

.DELETE_ON_ERROR:
.SECONDEXPANSION:
# Independent jobs run side by side unless -j says otherwise.
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(shell nproc 2>/dev/null || echo 1)
endif

.PHONY: all
all: $(OUT)/twstorm ## build build/twstorm (V=1 shows the commands)

$(OUT)/twstorm: $(OBJ)/twstorm.o $(foreach p,common $(PARTS),$(call objs,$(p)))
	$(call say,LD,$@)
	$(Q)$(LINK) $(LIBS)
	$(if $(filter yes,$(OPENSSL)),,@echo "$@ is built without TLS: there is no OpenSSL 3 here (Debian package libssl-dev)")

$(OUT)/libcommon.a: $(call objs,common)
	$(call say,AR,$@)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

# tests/<part>/ links <part> and common, nothing else: the linker keeps the layers.
part = $(filter $(PARTS),$(notdir $(patsubst %/,%,$(dir $(1)))))
$(OUT)/tests/%: $(OBJ)/tests/%.o $$(foreach p,$$(call part,$$@),$$(call objs,$$p)) $(OUT)/libcommon.a
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(LINK) $(LIBS)
$(UNIT): LIBS = $(PKG_LIBS) $(CHECK_LIBS) -lm

# What tests put before the C library; without sanitizers, whose place it takes.
$(OUT)/tests/preload/%.so: tests/preload/%.c $(OBJ)/flags
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE -O2 -g $(WARN) $(if $(WERROR),-Werror) -shared -fPIC -fno-builtin -o $@ $<

# A file that compiled with warnings leaves them in FILE.warn and is compiled again by the next
# make: they are not forgotten, and `make test`, where they are errors, stops at them.
$(OBJ)/%.o: %.c $(OBJ)/flags
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(FLAGS) $(SAME_ANYWHERE) $(FILE_FLAGS) -MMD -MP $(ERRORS) -c -o $@ $< 2>$@.warn \
		|| { r=$$?; cat $@.warn >&2; exit $$r; }
	@if [ -s $@.warn ]; then cat $@.warn >&2; else rm -f $@.warn; fi
$(patsubst %.warn,%,$(shell find $(OBJ) -name '*.warn' 2>/dev/null)): FORCE

# Changes only when the flags do; everything compiled depends on it.
quoted   = $(quote)$(subst $(quote),$(quote)\$(quote)$(quote),$(1))$(quote)
same_or_write = [ "$$(cat $@ 2>/dev/null)" = $(quoted) ] || { mkdir -p $(@D); printf '%s\n' $(quoted) >$@; }
$(OBJ)/flags: FORCE
	@tools/deps.sh can-build '$(CC)' '$(PKGCFG)' $(PKGS)
	@$(call same_or_write,$(CC) $(FLAGS) $(LDFLAGS) OPENSSL=$(OPENSSL))

# Where the installed program finds its scenarios: only the files that ask are rebuilt when
# PREFIX changes.
DATADIR_USERS := $(patsubst %.c,$(OBJ)/%.o,$(shell grep -ls TWSTORM_DATADIR *.c */*.c */*/*.c))
$(DATADIR_USERS): FILE_FLAGS := -DTWSTORM_DATADIR='"$(PREFIX)/share/twstorm"'
$(DATADIR_USERS): $(OBJ)/datadir
$(OBJ)/datadir: FORCE
	@$(call same_or_write,$(PREFIX))

# What the HTML report is made of: common/html/, and dygraphs with its licence but without its
# source map, which no report has.  DYGRAPHS=DIR where it is not in Debian's place.
# Nothing that is looked up in this Makefile is exported: the make that `storm` and `test` start
# after they have installed what is missing looks again.
DYGRAPHS ?= $(patsubst %/,%,$(dir $(firstword $(wildcard \
	/usr/share/javascript/dygraphs/dygraph.min.js /usr/share/javascript/dygraphs/dist/dygraph.min.js))))
DYGRAPHS_PARTS := $(addprefix $(OBJ)/html/dygraph,.min.js .min.css -licence.txt)
$(OBJ)/common/html/html_assets.o: $(filter-out %.c %.h,$(wildcard common/html/*)) $(DYGRAPHS_PARTS)
$(OBJ)/common/html/html_assets.o: FILE_FLAGS := -Wa,-Icommon/html -Wa,-I$(OBJ)/html
$(OBJ)/bench/doctor/collector.o: bench/doctor/collector.sh
$(DYGRAPHS_PARTS): $(OBJ)/flags $(wildcard $(DYGRAPHS)/dygraph*.*s)
	@mkdir -p $(@D)
	@tools/dygraphs.sh $(call quoted,$(DYGRAPHS)) $@

.PHONY: FORCE
FORCE:
.PRECIOUS: $(OBJ)/%.o
-include $(shell find $(OBJ) -name '*.d' 2>/dev/null)

.PHONY: deps deps-test storm test check cases unit lint format docs valgrind
deps: ## install the packages the build needs, if any is missing (apt-get)
	@tools/deps.sh install build
deps-test: ## the same for `make test`
	@tools/deps.sh install test

storm: ## see it happen: install what is missing, build, run the scenario `storm`
	@tools/deps.sh install build
	@+$(MAKE) --no-print-directory all
	$(Q)$(OUT)/twstorm lab run storm

test: ## what CI runs: install what is missing, build, run every test
	@tools/deps.sh install test
	@+AGAIN=5 $(MAKE) --no-print-directory WERROR=known check

RUN_TESTS = OUT=$(OUT) CC=$(call quoted,$(CC)) FLAGS=$(call quoted,$(FLAGS)) LINT_ERRORS=$(KNOWN_ERRORS) \
	SAN=$(SAN) tests/run.sh
check: $(OUT)/twstorm $(UNIT) $(HELPERS) ## every test, installing nothing; T='run/front lint' runs those that match
	@$(RUN_TESTS) $(T)

unit: $(UNIT) ## the unit tests only
	@$(RUN_TESTS) unit/
lint: $(OBJ)/flags ## format, layers, headers alone, shell scripts, cppcheck; skips by name what is not installed
	@$(RUN_TESTS) lint/
format: ## let clang-format write every C file
	@FIX=1 tools/lint.sh format
docs: ## write the schemas and the tables of paths anew, from common/result/paths.def
	@tools/paths.py write
valgrind: $(UNIT) ## the unit tests under valgrind
	@command -v valgrind >/dev/null || { echo "make valgrind: valgrind is not installed (Debian package valgrind)" >&2; exit 1; }
	@UNIT_WRAPPER='valgrind -q --leak-check=full --errors-for-leak-kinds=definite --error-exitcode=99' $(RUN_TESTS) unit/

cases: $(OUT)/twstorm $(UNIT) $(HELPERS) ## the long tests, 40 minutes at most, before something is called done; T='cases/flips' those that match
	@$(RUN_TESTS) $(or $(T),cases/)

.PHONY: fresh
fresh: ## the README's commands on a bare Debian, as root; SUITE=bookworm|trixie|sid, FRESH="'make test'" another command
	@tools/fresh.sh '$(SUITE)' $(FRESH)

.PHONY: test-slurm soak fuzz many bench scenarios programs predictions figures
# Peers that are not installed are left out, by name; so are groups, with B='client-fin http-client'.
BENCH_ROUNDS ?= 5
BENCH_SECONDS ?= 3
bench: $(OUT)/twstorm $(OUT)/tests/bench/floor ## twstorm beside its peers and the bare epoll pair, an hour; writes docs/performance.md; B='client-fin' BENCH_ROUNDS=5
	$(Q)bench/rivals/bench.sh $(OUT)/twstorm $(OUT)/tests/bench/floor --rounds $(BENCH_ROUNDS) --seconds $(BENCH_SECONDS) \
		-o $(OUT)/bench.json $(if $(B),--only $(subst $() ,$(comma),$(B)),--markdown docs/performance.md)
$(OUT)/tests/bench/floor: bench/rivals/floor.c $(OBJ)/flags
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -O2 -g -Wall -Wextra $(ERRORS) -o $@ $<
scenarios: $(OUT)/twstorm ## every scenario, R=20 times each, those set apart too; results in build/scenarios
	$(Q)tests/soak/scenarios.sh $(OUT)/twstorm $(OUT)/scenarios $(or $(R),1)

# Not in `make test`, for it needs two dozen packages.  P='haproxy nginx' runs the files whose names have these.
PROGRAMS := $(wildcard bench/scenarios/proxy.ini bench/scenarios/programs.ini bench/scenarios/tls-others.ini tests/programs/*.ini)
programs: ## other people's programs in the lab: install all of them, build, run every scenario that is about them, R=1 times; results in build/programs
	@tools/deps.sh install programs
	@+$(MAKE) --no-print-directory all
	$(Q)tests/soak/scenarios.sh $(OUT)/twstorm $(OUT)/programs $(or $(R),1) \
		$(if $(P),$(foreach p,$(P),$(foreach f,$(PROGRAMS),$(if $(findstring $(p),$(f)),$(f)))),$(PROGRAMS))

test-slurm: ## ranks on a real Slurm that lives in namespaces: install Slurm, build, run cases/slurm, as root (70 s)
	@tools/deps.sh install slurm
	@+$(MAKE) --no-print-directory cases T=cases/slurm

predictions: $(OUT)/twstorm ## N=500 configurations drawn at random from SEED=1, each prediction held against the kernel (40 minutes); ONLY=K draws K again
	$(Q)TWSTORM=$(OUT)/twstorm python3 tests/predictions/campaign.py --seed $(or $(SEED),1) --out $(OUT)/predictions \
		$(if $(ONLY),--only $(ONLY),--count $(or $(N),500))

figures: $(OUT)/twstorm ## run the scenario remedies and write its table in docs/scenarios.md anew (2 minutes)
	$(Q)$(OUT)/twstorm lab run -q -k remedies -o $(OUT)/remedies && tools/figures.py $(OUT)/remedies/summary.json docs/scenarios.md

soak: $(OUT)/twstorm $(patsubst %,$(OUT)/tests/tools/%,json_get closings) ## 2 million connections: descriptors, memory, ledger (5 minutes); SOAK_FIRST=N SOAK_EACH=N
	$(Q)TWSTORM=$(OUT)/twstorm tests/soak/soak.sh

# Each tests/fuzz/fuzz_NAME.c is a libFuzzer program, linked with common and, where NAME begins
# with a part's name, that part; seeds in tests/fuzz/corpus/NAME, findings in FUZZ_OUT/NAME.
FUZZ_SECONDS ?= 60
FUZZ_OUT := build/fuzz
FUZZERS := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
fuzz: ## parsers against random input, clang's libFuzzer; FUZZ_SECONDS=60 each, F='raw units' these alone
	@tests/fuzz/run.sh can-fuzz
	@+$(MAKE) --no-print-directory CC=clang SAN=fuzzer-no-link,address,undefined OUT=$(FUZZ_OUT) \
		$(patsubst %,$(FUZZ_OUT)/fuzz_%,$(or $(F),$(FUZZERS)))
	@FUZZ_SECONDS=$(FUZZ_SECONDS) FUZZ_OUT=$(FUZZ_OUT) tests/fuzz/run.sh $(or $(F),$(FUZZERS))
fuzz_part = $(filter $(PARTS),$(firstword $(subst _, ,$(1))))
$(FUZZ_OUT)/fuzz_%: $(OBJ)/tests/fuzz/fuzz_%.o $$(foreach p,$$(call fuzz_part,$$*),$$(call objs,$$p)) $(OUT)/libcommon.a
	$(call say,LD,$@)
	$(Q)$(CC) -pthread -fsanitize=fuzzer,address,undefined $(CFLAGS) $(LDFLAGS) \
		$(if $(filter addr,$*),-Wl$(comma)--wrap=getaddrinfo) -o $@ $(filter %.o %.a,$^) $(LIBS)
# The same without sanitizer and coverage, for more inputs; findings in FUZZ_OUT/many.input.
MANY_WRAPS := $(patsubst %,-Wl$(comma)--wrap=%,malloc calloc realloc free)
many: $(OUT)/tests/fuzz/many_bench_pasted ## the readers of pasted text, N=20000000 inputs of SEED=1, none may take a megabyte too much (half an hour); MANY='FILE...' more to begin with
	@mkdir -p $(FUZZ_OUT)
	$(Q)cd $(FUZZ_OUT) && $(abspath $<) $(or $(N),20000000) $(or $(SEED),1) $(abspath $(wildcard tests/fuzz/corpus/bench_pasted/* $(MANY)))
$(OUT)/tests/fuzz/many_%: $(OBJ)/tests/fuzz/fuzz_%.o $(OBJ)/tests/fuzz/many.o $$(foreach p,$$(call fuzz_part,$$*),$$(call objs,$$p)) $(OUT)/libcommon.a
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(LINK) $(MANY_WRAPS) $(LIBS)

.PHONY: install uninstall clean help
# Places may have blanks in their names, so they are quoted wherever a shell sees them.
place    = $(call quoted,$(DESTDIR)$(PREFIX)/$(1))
BIN      = $(call place,bin)
MAN      = $(call place,share/man)
DATA     = $(call place,share/twstorm)
DOC      = $(call place,share/doc/twstorm)
BASHCOMP = $(call place,share/bash-completion/completions)
ZSHCOMP  = $(call place,share/zsh/site-functions)
FISHCOMP = $(call place,share/fish/vendor_completions.d)
SECTIONS := 1 5
PAGES   := $(foreach n,$(SECTIONS),$(wildcard docs/man/*.$(n)))
DOCS    := LICENSE README.md $(wildcard docs/*.md docs/*.schema.json)
install: $(OUT)/twstorm ## install under PREFIX (/usr/local), below DESTDIR if given
	install -d $(BIN) $(BASHCOMP) $(ZSHCOMP) $(FISHCOMP) $(DATA)/scenarios/cases $(DATA)/scenarios/programs $(DOC)/monitoring $(foreach n,$(SECTIONS),$(MAN)/man$(n))
	install -m 755 $(OUT)/twstorm $(BIN)/twstorm
	install -m 644 completions/twstorm.bash $(BASHCOMP)/twstorm
	install -m 644 completions/twstorm.zsh $(ZSHCOMP)/_twstorm
	install -m 644 completions/twstorm.fish $(FISHCOMP)/twstorm.fish
	install -m 644 $(wildcard bench/scenarios/*.ini) $(DATA)/scenarios
	install -m 644 $(wildcard bench/scenarios/cases/*.ini) $(DATA)/scenarios/cases
	install -m 644 $(wildcard bench/scenarios/programs/*) $(DATA)/scenarios/programs
	install -m 644 $(DOCS) $(DOC)
	install -m 644 $(wildcard docs/monitoring/*) $(DOC)/monitoring
	$(foreach n,$(SECTIONS),install -m 644 $(wildcard docs/man/*.$(n)) $(MAN)/man$(n) &&) true
uninstall: ## remove what install put there
	rm -f $(BIN)/twstorm $(BASHCOMP)/twstorm $(ZSHCOMP)/_twstorm $(FISHCOMP)/twstorm.fish $(foreach p,$(PAGES),$(MAN)/man$(patsubst .%,%,$(suffix $(p)))/$(notdir $(p)))
	rm -rf $(DATA) $(DOC)

clean: ## remove build/
	rm -rf build
help: ## this list
	@sed -n 's/^\([a-z-]*\):.* ## /\1\t/p' Makefile | while IFS="$$(printf '\t')" read -r t d; do printf '  make %-10s %s\n' "$$t" "$$d"; done
	@printf '\n  CC=clang, SAN=address,undefined or SAN=thread with any of them; each builds in a directory of its own\n'
