# fish completion for twstorm.  The program itself says what may stand at the cursor
# (`twstorm --complete`, common/cli/complete.h): there is no second list to keep.

function __twstorm_complete
    set -l words (commandline -opc | string replace -r '^~/' "$HOME/")
    set -l typed (commandline -ct)
    for line in ($words[1] --complete $words[2..-1] "$typed" 2>/dev/null)
        set -l part (string split \t -- $line)
        if test -n "$part[1]"
            echo $line
            continue
        end
        # Names of files, too: after $part[2], those that end in $part[3].
        set -l begun (string sub -s (math 1 + (string length -- "$part[2]")) -- "$typed")
        for file in (__fish_complete_path "$begun" | string replace -r '\t.*' '')
            if string match -q -- '*/' $file; or string match -q -- "*$part[3]" $file
                echo "$part[2]$file"
            end
        end
    end
end

complete -c twstorm -f -a '(__twstorm_complete)'
