//! Compilers accept the headers of types whose every name has a meaning in the system.

use super::generate::tests::header_of;
use super::system;
use super::system::tests::{COMPILERS, run};
use crate::command::schema_builder::SchemaBuilder;

/// Kind and size of a field that is a byte.
const BYTE: (u8, usize) = (b'u', 1);

/// Names of the system that can be Rust identifiers.
fn system_names() -> Vec<&'static str> {
    system::tests::names().filter(|name| name.is_ascii()).collect()
}

/// The rest of all names with a prefix: with an enum `MAP` and a variant `SHARED`, a constant could be called `MAP_SHARED`.
fn rest<'a>(names: &[&'a str], prefix: &str) -> Vec<&'a str> {
    let mut rest: Vec<&str> = names.iter().filter_map(|name| name.strip_prefix(prefix)).collect();
    rest.retain(|name| name.starts_with(|c: char| c.is_ascii_alphabetic()));
    rest
}

#[test]
fn no_name_conflicts_with_the_systems() {
    let all = system_names();
    let mut texts = Vec::new();
    let mut add = |schema: SchemaBuilder| texts.push(header_of(schema.schema().layout(), None).expect("a header"));
    add(SchemaBuilder::new().structure("Everything", &all, BYTE, 1));
    add(SchemaBuilder::new().tags("Every", &all));
    for prefix in ["MAP", "O", "F", "S", "PROT", "SCHED", "INT", "UINT64", "AT"] {
        let variants = rest(&all, &format!("{prefix}_"));
        assert!(!variants.is_empty(), "{prefix}");
        add(SchemaBuilder::new().tags(prefix, &variants));
    }
    // Types named like the system's, and inner types that are so with their prefix.
    for (name, inner) in
        [("stat", "uint8_t"), ("shm", "open"), ("errno", "errno"), ("region", "region"), ("MAP", "SHARED")]
    {
        let outer = SchemaBuilder::new().node(b'{', 4, 2).text(name).number(2);
        let outer = outer.text(name).number(0).structure(inner, &[inner], BYTE, 1);
        add(outer.text("uint32_t").number(2).tags(name, &[inner, "OK", "FORMAT"]));
    }
    let text = system::tests::includes() + &texts.concat() + "int main(void) { return 0; }\n";
    for (compiler, modes) in COMPILERS {
        for mode in modes {
            let standard = format!("-std={mode}");
            // The header is the program here, and nothing calls its functions.
            let warnings =
                ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror", "-Wno-unused-function"];
            let arguments = [&[standard.as_str(), "-fsyntax-only"][..], &warnings].concat();
            for define in ["-DNOTHING", "-D_GNU_SOURCE"] {
                let Some(result) = run(compiler, &[&arguments[..], &[define]].concat(), &text) else { break };
                // An older compiler may lack the mode.
                let is_there = run(compiler, &[&standard, "-fsyntax-only"], "").is_some_and(|result| result.is_ok());
                let Err(complaint) = result else { continue };
                assert!(!is_there, "{compiler} {mode}: {}", complaint.lines().take(20).collect::<Vec<_>>().join("\n"));
            }
        }
    }
}
