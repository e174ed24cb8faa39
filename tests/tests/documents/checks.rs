//! The tiers of ci/tiers.txt: each check is in one, each mutant has a detector in one, and the workflows run them.

#![cfg(not(miri))] // reads the source tree

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use seqcopy_tests::tree::{files, root};

fn text(file: &str) -> String {
    fs::read_to_string(root().join(file)).expect(file)
}

/// The lines of ci/tiers.txt: tier, check with its options, and the files after the colon.
fn tiers() -> Vec<(String, String, Vec<String>)> {
    let text = text("ci/tiers.txt");
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    lines
        .map(|line| {
            let (line, sources) = line.split_once(':').unwrap_or((line, ""));
            let (tier, check) = line.split_once(' ').expect("a tier and a check");
            (tier.to_owned(), words(check).join(" "), words(sources))
        })
        .collect()
}

/// The checks of a tier.
fn tier(name: &str) -> Vec<String> {
    tiers().into_iter().filter(|(tier, ..)| tier == name).map(|(_, check, _)| check).collect()
}

/// The scripts of `ci/`, without those that run others or are part of one.
fn scripts() -> BTreeSet<String> {
    let files = files();
    let names = files.iter().filter_map(|file| file.strip_prefix("ci/")?.strip_suffix(".sh"));
    names
        .filter(|name| !["build_models", "daily", "lib", "map", "must_fail", "quick"].contains(name))
        .map(str::to_owned)
        .collect()
}

#[test]
fn each_check_is_in_one_tier() {
    let mut seen = BTreeSet::new();
    for (tier, check, sources) in tiers() {
        assert!(["first", "change", "daily"].contains(&tier.as_str()), "{check} is in an unknown tier, {tier}");
        match check.split_once(' ') {
            // Another form of a check that a change must pass.
            Some((name, _)) => assert!(tier == "daily" && seen.contains(name), "{check}: a longer form is a daily one"),
            None => assert!(seen.insert(check.clone()), "{check} is there twice"),
        }
        for source in &sources {
            assert!(tier != "first" && root().join(source).exists(), "{check} depends on {source}");
        }
        // Else a change of the check itself would not run it.
        assert!(sources.is_empty() || sources.contains(&format!("ci/{check}.sh")), "{check} does not depend on itself");
    }
    assert_eq!(seen, scripts(), "ci/tiers.txt and the scripts of ci/");
}

/// What a daily check depends on is compared with ci/passed.txt: another text, another hash.
#[test]
fn a_check_whose_sources_changed_is_not_left_to_the_daily_run() {
    let folder = std::env::temp_dir().join(format!("seqcopy-tiers-{}", std::process::id()));
    for folder in ["ci", "folder"].map(|name| folder.join(name)) {
        fs::create_dir_all(folder).expect("a folder");
    }
    for file in ["daily.sh", "lib.sh"] {
        fs::copy(root().join("ci").join(file), folder.join("ci").join(file)).expect("a script");
    }
    let write = |file: &str, text: &str| fs::write(folder.join(file), text).expect(file);
    write("ci/tiers.txt", "first fmt\ndaily slow : source.rs folder\ndaily long --all\n");
    let changed = || {
        let output = Command::new("ci/daily.sh").arg("--changed").current_dir(&folder).output().expect("bash");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).expect("text")
    };
    write("source.rs", "one();\n");
    write("ci/passed.txt", "");
    assert_eq!(changed(), "slow\n", "it has never passed");
    write("ci/slow.sh", "#!/bin/sh\ntest ! -e fails\n");
    let record = || {
        let script = "chmod +x ci/slow.sh && ci/daily.sh --record slow";
        let output = Command::new("bash").args(["-c", script]).current_dir(&folder).output().expect("bash");
        output.status.success()
    };
    write("fails", "");
    assert!(!record());
    assert_eq!(changed(), "slow\n", "it was red");
    fs::remove_file(folder.join("fails")).expect("a file");
    write("ci/slow.sh", "#!/bin/bash\nsource ci/lib.sh\nskipped a tool\n");
    assert!(!record());
    assert_eq!(changed(), "slow\n", "it has skipped something");
    write("ci/slow.sh", "#!/bin/sh\n");
    assert!(record());
    assert_eq!(changed(), "", "it passed");
    fs::create_dir_all(folder.join("folder/target")).expect("a folder");
    write("folder/target/built", "by cargo");
    assert_eq!(changed(), "", "something was built");
    write("source.rs", "// A comment.\none();\n");
    assert_eq!(changed(), "", "a comment was added");
    write("source.rs", "two();\n");
    assert_eq!(changed(), "slow\n", "the source is another");
    fs::remove_dir_all(&folder).expect("a folder");
}

/// On a slow machine `.ci/run` leaves daily checks out, and says so: it is never red by time. Those left out longest
/// come first.
#[test]
fn what_does_not_begin_in_time_is_named_and_comes_first_the_next_time() {
    let folder = std::env::temp_dir().join(format!("seqcopy-budget-{}", std::process::id()));
    for folder in ["ci", ".ci"].map(|name| folder.join(name)) {
        fs::create_dir_all(folder).expect("a folder");
    }
    for file in ["ci/daily.sh", "ci/lib.sh", ".ci/run"] {
        fs::copy(root().join(file), folder.join(file)).expect("a script");
    }
    let write = |file: &str, text: &str| fs::write(folder.join(file), text).expect(file);
    let bash = |script: &str| {
        let output = Command::new("bash").args(["-c", script]).current_dir(&folder).output().expect("bash");
        (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    write(
        "ci/tiers.txt",
        "first fmt\nchange test\nchange kept : d\nchange other : a\ndaily new : a\ndaily late : b\ndaily early : c\ndaily passed : d\n",
    );
    for check in ["fmt", "test", "kept", "other", "new", "late", "early", "passed"] {
        write(&format!("ci/{check}.sh"), &format!("#!/bin/sh\necho this is {check}\n"));
    }
    for file in ["a", "b", "c", "d"] {
        write(file, "source\n");
    }
    let commit = |date: &str| {
        let identity = "GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=n GIT_AUTHOR_EMAIL=e GIT_COMMITTER_NAME=n GIT_COMMITTER_EMAIL=e";
        let (done, said) = bash(&format!(
            "{identity} GIT_COMMITTER_DATE='{date} +0000' git -c core.hooksPath=/dev/null commit -qam all"
        ));
        assert!(done, "{said}");
    };
    // What `early` passed with was committed before that of `late`; neither is as it was.
    write("ci/passed.txt", "early 0\n");
    assert!(bash("chmod +x ci/*.sh && git init -q . && git add -A").0);
    commit("2024-01-01 00:00:00");
    assert!(
        bash(". ci/lib.sh; printf 'early 0\\nlate 0\\npassed %s\\nkept %s\\n' \"$(hash_of_sources passed)\" \"$(hash_of_sources kept)\" > ci/passed.txt").0
    );
    commit("2025-01-01 00:00:00");
    assert_eq!(bash("ci/daily.sh --changed").1, "new\nearly\nlate\n");
    assert_eq!(bash("ci/daily.sh --changed change").1, "test\nother\n", "one names no sources, one never passed");
    let (done, said) = bash("SEQCOPY_DAILY_UNTIL=0 .ci/run");
    let named: Vec<&str> = said.lines().filter_map(|line| line.strip_prefix("==== NOT PROVED by this run: ")).collect();
    assert!(done && said.contains("this is test") && !said.contains("this is new"), "{said}");
    assert!(said.contains("this is other") && !said.contains("this is kept"), "{said}");
    assert!(said.contains("==== ci/kept.sh: not run: its sources are as they were when it last passed"), "{said}");
    assert_eq!(
        named,
        ["new", "early", "late"]
            .map(|check| format!("{check}, whose sources changed; alone: ci/daily.sh --record {check}"))
    );
    let (done, said) = bash("SEQCOPY_DAILY_UNTIL=1000 .ci/run");
    assert!(done && ["new", "early", "late"].iter().all(|check| said.contains(&format!("this is {check}"))), "{said}");
    assert!(!said.contains("NOT PROVED") && !said.contains("this is passed"), "{said}");
    // A check that is red ends the run, in time or not.
    write("ci/test.sh", "#!/bin/sh\nexit 1\n");
    assert!(!bash("SEQCOPY_DAILY_UNTIL=0 .ci/run").0);
    fs::remove_dir_all(&folder).expect("a folder");
}

/// A mutant says what sees it: the model and the program must be what some tier runs.
#[test]
fn each_mutant_has_a_detector_in_a_tier() {
    assert!(tier("daily").contains(&"mutations --all".to_owned()), "no tier runs all mutants");
    let loom = text("ci/loom.sh");
    let change = tier("change");
    let of_crates =
        files().into_iter().filter(|file| file.starts_with("verify/mutants/") && file.strip_suffix(".diff").is_some());
    let sections: String = of_crates.map(|file| text(&file)).collect();
    let (mut known, mut of_models) = (BTreeSet::new(), BTreeSet::new());
    for section in sections.split("=== ").skip(1) {
        let (id, rest) = section.split_once(": ").expect("a title");
        let (head, patch) = rest.split_once("\n--- ").expect("a patch");
        let line = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)).unwrap_or("-");
        let [model, program] = ["model: ", "program: "].map(line);
        assert!(known.insert(id), "two mutants are called {id}");
        assert!(patch.contains("\n@@ "), "{id}: no patch");
        assert!(model == "-" || loom.contains(&format!("    {model}:")), "{id}: ci/loom.sh has no model {model}");
        assert!(model != "-" || program != "-", "{id} has no detector");
        assert!(line("caught by: ") != "-", "{id}: nothing caught it");
        if model != "-" {
            of_models.insert(id);
        }
        let Some((place, _)) = program.trim_start_matches("straight:").split_once("::") else { continue };
        let package = place.split('/').next().expect("a package");
        if !root().join(package).join("Cargo.toml").exists() {
            let program = root().join("tests/tests").join(package);
            assert!(
                program.is_dir() || program.with_extension("rs").exists(),
                "{id}: there is no test program {package}"
            );
        }
        // Two packages are not members of the workspace, which the first tests.
        let check = match package {
            "seqcopy-relay" => "relay",
            "seqcopy-python" => "python",
            _ => "test",
        };
        assert!(
            change.iter().chain(&tier("daily")).any(|it| it == check),
            "{id}: no tier runs ci/{check}.sh, which has its test"
        );
    }
    // The twins of ci/loom.sh: lines `model:mutant`.
    let twins = loom.lines().filter_map(|line| line.strip_prefix("    ")?.split_once(':'));
    let twins: Vec<_> = twins.filter(|(_, twin)| twin.len() == 4 && !twin.contains(' ')).collect();
    assert!(twins.len() > 50, "{twins:?}");
    for (model, twin) in twins {
        assert!(of_models.contains(twin), "ci/loom.sh: {twin}, the twin of {model}, breaks no model");
    }
}

#[test]
fn workflows_run_every_tier_and_nothing_else() {
    let jobs = |file: &str, key: &str| -> Vec<String> {
        let text = text(file);
        let list = text.split(&format!("        {key}:\n")).nth(1).expect("a list of jobs");
        list.lines().map_while(|line| line.strip_prefix("          - ")).map(str::to_owned).collect()
    };
    let (first, change, daily) = (tier("first"), tier("change"), tier("daily"));
    assert_eq!(jobs(".github/workflows/ci.yml", "check"), [first, change].concat(), "the jobs for each change");
    assert_eq!(jobs(".github/workflows/daily.yml", "check"), daily, "the jobs once a day");
    // What a workflow does by itself can't be tried elsewhere: tools are installed there, all else is in the scripts.
    let passed = r#"test "${{ needs.check.result }}" = success && test "${{ needs.changed.result }}" = success"#;
    let calls = [
        r#"sudo -E env "HOME=$HOME" "PATH=$PATH" ci/${{ matrix.check }}.sh"#,
        r#"sudo -E env "HOME=$HOME" "PATH=$PATH" ci/daily.sh ${{ matrix.check }}"#,
        r#"for check in $(ci/daily.sh --changed); do sudo -E env "HOME=$HOME" "PATH=$PATH" ci/$check.sh || exit; done"#,
        passed,
        "cargo test",
    ];
    for file in ["ci", "daily", "macos", "windows"] {
        let text = text(&format!(".github/workflows/{file}.yml"));
        for step in text.lines().filter_map(|line| line.trim().strip_prefix("- run: ")) {
            assert!(
                step.starts_with("rustup toolchain install ") || calls.contains(&step),
                "a step of the workflow that is not a script of ci/: {step}"
            );
        }
        if ["macos", "windows"].contains(&file) {
            assert!(text.ends_with("      - run: cargo test\n"));
            continue;
        }
        let variable = "      SEQCOPY_NO_SKIP: ${{ matrix.check != 'models' && '1' || '' }}\n";
        assert!(text.contains(variable), "a check of {file}.yml that can't have its tools is not red");
    }
    // A job that is skipped because another failed counts as passed.
    let last = format!(
        "  all:\n    if: always()\n    runs-on: ubuntu-latest\n    needs: [check, changed]\n    steps:\n      - run: {passed}\n"
    );
    let text = text(".github/workflows/ci.yml");
    assert!(text.ends_with(&last), "the last job of the workflow is not red whenever a check is");
}

/// Where a tool is missing, scripts say so by one function, which is red where [`NO_SKIP`] is set; and so do tests.
#[test]
fn what_a_script_skips_is_listed_and_can_be_red() {
    const NO_SKIP: &str = "SEQCOPY_NO_SKIP";
    for file in files().iter().filter(|file| file.starts_with("ci/") && *file != "ci/lib.sh") {
        let script = fs::read_to_string(root().join(file)).expect("a script");
        for line in script.lines().filter(|line| line.contains("SKIPPED")) {
            let prints = ["echo", "printf", "cat"].iter().any(|command| line.contains(command));
            assert!(!prints, "{file} says by itself that it skips something, not by `skipped` of ci/lib.sh: {line}");
        }
    }
    // Tests have such a function for each crate. Programs that scripts run only say it: the script asks `skipped_in`.
    let folders = ["tests/", "seqcopy-", "ui-tests/", "seqcopy/"];
    let is_test =
        |file: &&String| Path::new(file).extension().is_some_and(|it| it == "rs") && !file.contains("/foreign/");
    for file in files().iter().filter(|file| folders.iter().any(|folder| file.starts_with(folder))).filter(is_test) {
        let text = fs::read_to_string(root().join(file)).expect("a source");
        assert!(
            !text.contains("==== SKIPPED") || text.contains(NO_SKIP),
            "{file} skips something, whether {NO_SKIP} is set or not"
        );
    }
    let list = std::env::temp_dir().join(format!("seqcopy-skipped-{}", std::process::id()));
    for (call, no_skip, said) in [
        ("skipped a tool", "", "==== SKIPPED: a tool ====\nafter\n"),
        ("skipped a tool", "1", "==== SKIPPED: a tool ====\n"),
        ("skipped_in <(echo; echo '==== SKIPPED: a test ====')", "1", "==== SKIPPED: a test ====\n"),
        ("skipped_in <(echo nothing)", "1", "after\n"),
    ] {
        let script = format!("set -euo pipefail; source ci/lib.sh; {call}; echo after");
        let mut bash = Command::new("bash");
        bash.args(["-c", &script, "ci/tool.sh"])
            .current_dir(root())
            .env(NO_SKIP, no_skip)
            .env("SEQCOPY_SKIPPED", &list);
        let output = bash.output().expect("bash");
        assert_eq!(String::from_utf8_lossy(&output.stdout), said, "{call}, {NO_SKIP}={no_skip}");
        assert_eq!(output.status.success(), said.ends_with("after\n"), "{call}, {NO_SKIP}={no_skip}");
    }
    let listed = fs::read_to_string(&list).expect("the list");
    fs::remove_file(&list).expect("the list");
    assert_eq!(listed, "tool: a tool\ntool: a tool\ntool: a test\n");
}

/// `ci/exhaust.sh --mutants` is no part of what a change must pass: a patch that no longer applies would not be missed.
#[test]
fn the_mutants_of_steps_apply() {
    let folder = root().join("verify/step_mutants");
    let mut patches = 0;
    for entry in fs::read_dir(&folder).expect("the patches") {
        let patch = entry.expect("a patch").path();
        if patch.extension().is_some_and(|kind| kind == "patch") {
            patches += 1;
            let applies = Command::new("git").args(["apply", "--check"]).arg(&patch).current_dir(root()).status();
            assert!(applies.expect("git").success(), "{} does not apply", patch.display());
        }
    }
    assert!(patches > 10, "only {patches} patches");
}
