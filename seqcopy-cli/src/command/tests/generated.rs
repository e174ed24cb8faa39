//! The man pages and the completions of shells, which clap makes from the command line: the files are those that it
//! makes now. `BLESS=1 cargo test -p seqcopy-cli generated` writes them.

use std::path::Path;
use std::{env, fs};

use clap::{Command, CommandFactory};
use clap_complete::{Shell, generate};
use clap_mangen::Man;

use super::super::arguments::Arguments;

/// The files of a folder of this package, with what they should contain.
fn check(folder: &str, files: &[(String, Vec<u8>)]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    if env::var_os("BLESS").is_some() {
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        for (name, content) in files {
            fs::write(folder.join(name), content).unwrap();
        }
    }
    for (name, content) in files {
        let path = folder.join(name);
        let is_same = fs::read(&path).is_ok_and(|found| found == *content);
        assert!(is_same, "{} is out of date: `BLESS=1 cargo test -p seqcopy-cli generated`", path.display());
    }
    assert_eq!(fs::read_dir(&folder).unwrap().count(), files.len(), "other files in {}", folder.display());
}

/// Without the version, so that a release does not change each file.
fn command() -> Command {
    let mut command = Arguments::command().version(None::<&str>).disable_help_subcommand(true);
    command.build();
    command
}

/// The page of the command, or of a subcommand, named as `man seqcopy-show` finds it.
fn page(name: &str, command: &Command) -> (String, Vec<u8>) {
    let mut page = Vec::new();
    Man::new(command.clone()).title(name).source("seqcopy").render(&mut page).unwrap();
    (format!("{name}.1"), page)
}

/// What is generated shows no other names, so nothing may have one.
#[test]
#[cfg_attr(miri, ignore = "slow")]
fn nothing_has_a_name_that_no_page_shows() {
    let command = command();
    for command in std::iter::once(&command).chain(command.get_subcommands()) {
        assert_eq!(command.get_all_aliases().next(), None, "{}", command.get_name());
        for argument in command.get_arguments() {
            let names = (argument.get_all_aliases(), argument.get_all_short_aliases());
            assert_eq!(names, (None, None), "{} {}", command.get_name(), argument.get_id());
            for value in argument.get_possible_values() {
                assert!(value.get_name_and_aliases().eq([value.get_name()]), "{}", value.get_name());
            }
        }
    }
}

#[test]
#[cfg_attr(miri, ignore = "reads files, and slow")]
fn generated_man_pages() {
    let command = command();
    let mut pages = vec![page("seqcopy", &command)];
    pages.extend(command.get_subcommands().map(|sub| page(&format!("seqcopy-{}", sub.get_name()), sub)));
    check("man", &pages);
}

/// The script with what `seqcopy __complete` prints, in place of a file's name or of nothing.
fn with_regions(shell: Shell, script: &str) -> String {
    match shell {
        Shell::Bash => script.replace("complete -F _seqcopy ", "complete -F _seqcopy_regions ") + BASH,
        Shell::Fish => script.to_owned() + FISH,
        Shell::Zsh => {
            // The words before a completion are changed: those that a field follows no longer have the region.
            let kept = "_seqcopy() {\n    local -a before=(\"${words[@]:1:$((CURRENT - 2))}\")\n";
            let named = |line: &str| match line.rsplit_once(':') {
                Some((start, "_files' \\")) if line.contains("NAME alone:") => {
                    format!("{start}:_seqcopy_regions' \\\n")
                }
                Some((start, "_default' \\")) if [":field --", ":fields --"].iter().any(|name| line.contains(name)) => {
                    format!("{start}:_seqcopy_regions' \\\n")
                }
                _ => format!("{line}\n"),
            };
            let script: String = script.replacen("_seqcopy() {\n", kept, 1).lines().map(named).collect();
            script.replacen("\n\n", ZSH, 1)
        }
        _ => script.to_owned(),
    }
}

/// Files are offered where this finds nothing, by the `-o default` of the call above. What a line has is taken as it
/// is: `compgen` would run what stands in it.
const BASH: &str = r#"
# Names of regions, and fields of one.
_seqcopy_regions() {
    _seqcopy "$@"
    local cur=${COMP_WORDS[COMP_CWORD]} line
    [[ ${COMP_CWORD} -gt 1 && ${cur} != -* ]] || return 0
    local -a found=()
    while IFS= read -r line; do
        found+=("${line}")
    done < <(seqcopy __complete "${COMP_WORDS[@]:1:COMP_CWORD-1}" 2>/dev/null)
    [[ ${#found[@]} -gt 0 ]] || return 0
    COMPREPLY=()
    for line in "${found[@]}"; do
        [[ ${line} != "${cur}"* ]] || COMPREPLY+=("${line}")
    done
}
"#;

const ZSH: &str = r#"

# Names of regions, and fields of one; else files.
_seqcopy_regions() {
    local -a found=("${(@f)$(seqcopy __complete "${before[@]}" 2>/dev/null)}")
    [[ -n ${found[1]} ]] && compadd -a found || _files
}

"#;

const FISH: &str = "# Names of regions, and fields of one.
complete -c seqcopy -n 'test (count (commandline -opc)) -gt 1' -a '(seqcopy __complete (commandline -opc)[2..] 2>/dev/null)'
";

#[test]
#[cfg_attr(miri, ignore = "reads files, and slow")]
fn generated_completions() {
    let files = [(Shell::Bash, "seqcopy.bash"), (Shell::Zsh, "_seqcopy"), (Shell::Fish, "seqcopy.fish")];
    check(
        "completions",
        &files.map(|(shell, name)| {
            let mut script = Vec::new();
            generate(shell, &mut command(), "seqcopy", &mut script);
            (name.to_owned(), with_regions(shell, &String::from_utf8(script).unwrap()).into_bytes())
        }),
    );
}
