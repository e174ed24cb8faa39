# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_seqcopy_global_optspecs
    string join \n h/help
end

function __fish_seqcopy_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_seqcopy_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_seqcopy_using_subcommand
    set -l cmd (__fish_seqcopy_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c seqcopy -n "__fish_seqcopy_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c seqcopy -n "__fish_seqcopy_needs_command" -f -a "show" -d 'Print the value in a region, and what is known of the region'
complete -c seqcopy -n "__fish_seqcopy_needs_command" -f -a "watch" -d 'Show the value live, with changes marked, until interrupted'
complete -c seqcopy -n "__fish_seqcopy_needs_command" -f -a "list" -d 'List the regions that are there, with their types and writers'
complete -c seqcopy -n "__fish_seqcopy_needs_command" -f -a "hz" -d 'Measure how often regions are written'
complete -c seqcopy -n "__fish_seqcopy_needs_command" -f -a "plot" -d 'Draw numbers of a region over time'
complete -c seqcopy -n "__fish_seqcopy_needs_command" -f -a "record" -d 'Write each newer value of regions into a file, as JSON lines or CSV'
complete -c seqcopy -n "__fish_seqcopy_needs_command" -f -a "replay" -d 'Write the values of a recording into regions again, at the recorded pace'
complete -c seqcopy -n "__fish_seqcopy_needs_command" -f -a "layout" -d 'Draw the type of a region: offsets, padding, cache lines, accesses'
complete -c seqcopy -n "__fish_seqcopy_needs_command" -f -a "diff" -d 'Name the fields that differ between two regions, or how their types differ'
complete -c seqcopy -n "__fish_seqcopy_needs_command" -f -a "header" -d 'Print a C11 and C++17 header that reads the region, and writes it with the C library'
complete -c seqcopy -n "__fish_seqcopy_needs_command" -f -a "locks" -d 'Name the processes whose lock on a region\'s file keeps writers out'
complete -c seqcopy -n "__fish_seqcopy_using_subcommand show" -l key -d 'Show only the value of this key of a map, written as `--json` prints it; texts need no quotes' -r
complete -c seqcopy -n "__fish_seqcopy_using_subcommand show" -l elements -d 'Show at most N elements of each array, and N entries of a map (JSON has them all)' -r
complete -c seqcopy -n "__fish_seqcopy_using_subcommand show" -l json -d 'Print one JSON object'
complete -c seqcopy -n "__fish_seqcopy_using_subcommand show" -s h -l help -d 'Print help'
complete -c seqcopy -n "__fish_seqcopy_using_subcommand watch" -l key -d 'Show only the value of this key of a map, written as `--json` prints it; texts need no quotes' -r
complete -c seqcopy -n "__fish_seqcopy_using_subcommand watch" -l interval -d 'Milliseconds from one read to the next, at most: a writer that wakes its readers is followed at once with `--changes`' -r
complete -c seqcopy -n "__fish_seqcopy_using_subcommand watch" -l count -d 'Stop after N reads; with `--changes`, after N that are shown' -r
complete -c seqcopy -n "__fish_seqcopy_using_subcommand watch" -l seconds -d 'Stop after this time' -r
complete -c seqcopy -n "__fish_seqcopy_using_subcommand watch" -l elements -d 'Show at most N elements of each array, and N entries of a map (JSON has them all)' -r
complete -c seqcopy -n "__fish_seqcopy_using_subcommand watch" -l json -d 'Print one JSON object per line, one line per read'
complete -c seqcopy -n "__fish_seqcopy_using_subcommand watch" -l changes -d 'Show only what is newer than what was shown last'
complete -c seqcopy -n "__fish_seqcopy_using_subcommand watch" -s h -l help -d 'Print help'
complete -c seqcopy -n "__fish_seqcopy_using_subcommand list" -l all -d 'Also what running processes have mapped, wherever it is, as far as this user may see it'
complete -c seqcopy -n "__fish_seqcopy_using_subcommand list" -l json -d 'Print one JSON object'
complete -c seqcopy -n "__fish_seqcopy_using_subcommand list" -s h -l help -d 'Print help'
complete -c seqcopy -n "__fish_seqcopy_using_subcommand hz" -l seconds -d 'Measure for this time, and stop [default: again and again, each second]' -r
complete -c seqcopy -n "__fish_seqcopy_using_subcommand hz" -l json -d 'Print one JSON object per line'
complete -c seqcopy -n "__fish_seqcopy_using_subcommand hz" -s h -l help -d 'Print help'
complete -c seqcopy -n "__fish_seqcopy_using_subcommand plot" -l key -d 'Draw fields of the value of this key of a map, written as `--json` prints it; texts need no quotes' -r
complete -c seqcopy -n "__fish_seqcopy_using_subcommand plot" -l window -d 'The time that the picture shows, in seconds' -r
complete -c seqcopy -n "__fish_seqcopy_using_subcommand plot" -l once -d 'Print one picture after that time, as where there is no terminal'
complete -c seqcopy -n "__fish_seqcopy_using_subcommand plot" -s h -l help -d 'Print help'
complete -c seqcopy -n "__fish_seqcopy_using_subcommand record" -s o -l output -d 'The file to create: NAME.jsonl or NAME.csv' -r -F
complete -c seqcopy -n "__fish_seqcopy_using_subcommand record" -l key -d 'Record only the value of this key of a map, written as `--json` prints it; texts need no quotes' -r
complete -c seqcopy -n "__fish_seqcopy_using_subcommand record" -l every -d 'Record at most one value of each region in this time, such as 10ms, instead of each newer one' -r
complete -c seqcopy -n "__fish_seqcopy_using_subcommand record" -l seconds -d 'Stop after this time' -r
complete -c seqcopy -n "__fish_seqcopy_using_subcommand record" -l max-size -d 'Stop before the file has more than this many bytes, such as 100M' -r
complete -c seqcopy -n "__fish_seqcopy_using_subcommand record" -s h -l help -d 'Print help'
complete -c seqcopy -n "__fish_seqcopy_using_subcommand replay" -l to -d 'The region to write, instead of the recorded one. A directory, with a slash at its end, has a file for each recorded region' -r -F
complete -c seqcopy -n "__fish_seqcopy_using_subcommand replay" -l speed -d 'How many times as fast: 2 for twice, 0.5 for half, inf for as fast as possible' -r
complete -c seqcopy -n "__fish_seqcopy_using_subcommand replay" -s h -l help -d 'Print help'
complete -c seqcopy -n "__fish_seqcopy_using_subcommand layout" -l json -d 'Print one JSON object'
complete -c seqcopy -n "__fish_seqcopy_using_subcommand layout" -s h -l help -d 'Print help'
complete -c seqcopy -n "__fish_seqcopy_using_subcommand diff" -l key -d 'Compare only the values of this key of maps, written as `--json` prints it; texts need no quotes' -r
complete -c seqcopy -n "__fish_seqcopy_using_subcommand diff" -l json -d 'Print one JSON object'
complete -c seqcopy -n "__fish_seqcopy_using_subcommand diff" -s h -l help -d 'Print help'
complete -c seqcopy -n "__fish_seqcopy_using_subcommand header" -l type -d 'A description of the type in JSON, in place of a region' -r -F
complete -c seqcopy -n "__fish_seqcopy_using_subcommand header" -l lang -d 'The language of the programs' -r -f -a "c\t'C and C++'
python\t'Python, which needs no header: says what to install'
rust\t'Rust: structs and enums with the same schema'
json\t'A description of the type, as `--type` takes it'"
complete -c seqcopy -n "__fish_seqcopy_using_subcommand header" -l name -d 'The name of the C type, and the prefix of all other names [default: `seqcopy_` and the name of the Rust type]' -r
complete -c seqcopy -n "__fish_seqcopy_using_subcommand header" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c seqcopy -n "__fish_seqcopy_using_subcommand locks" -l json -d 'Print one JSON object'
complete -c seqcopy -n "__fish_seqcopy_using_subcommand locks" -s h -l help -d 'Print help'
# Names of regions, and fields of one.
complete -c seqcopy -n 'test (count (commandline -opc)) -gt 1' -a '(seqcopy __complete (commandline -opc)[2..] 2>/dev/null)'
