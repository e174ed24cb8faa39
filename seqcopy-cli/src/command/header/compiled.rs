//! Compilers take the header of types whose every name means something to the system.

use seqcopy::Layout;
use seqcopy_shm::Schema;

use super::system::tests::{COMPILERS, run};
use super::{system, tests};

/// A schema, written by hand.
struct Made(Vec<u8>);

impl Made {
    fn new() -> Self {
        // A text, the pointer's width, the byte order.
        Made(Schema::of::<u8>().as_bytes()[..8 + 16 + 2].to_vec())
    }

    fn node(mut self, kind: u8, size: usize, align: usize) -> Self {
        self.0.push(kind);
        self.number(size).number(align)
    }

    fn number(mut self, number: usize) -> Self {
        self.0.extend((number as u64).to_le_bytes());
        self
    }

    fn text(mut self, text: &str) -> Self {
        self = self.number(text.len());
        self.0.extend(text.bytes());
        self
    }

    /// A struct of bytes with these names.
    fn bytes(self, name: &str, fields: &[&str]) -> Self {
        let made = self.node(b'{', fields.len(), 1).text(name).number(fields.len());
        fields.iter().enumerate().fold(made, |made, (i, name)| made.text(name).number(i).node(b'u', 1, 1))
    }

    /// An enum of these variants.
    fn tags(self, name: &str, variants: &[&str]) -> Self {
        let made = self.node(b'e', 2, 2).text(name).number(variants.len());
        variants.iter().enumerate().fold(made, |made, (i, name)| made.text(name).number(i).number(0))
    }

    fn layout(self) -> &'static Layout {
        Schema::decode(&self.0).expect("a schema").layout()
    }
}

/// Names of the system that a Rust identifier can be.
fn system_names() -> Vec<&'static str> {
    system::tests::names().filter(|name| name.is_ascii()).collect()
}

/// `map_shared`, or `MAP_SHARED`, begins with `map`: what comes then, as variants.
fn rest<'a>(names: &[&'a str], prefix: &str) -> Vec<&'a str> {
    let mut rest: Vec<&str> = names.iter().filter_map(|name| name.strip_prefix(prefix)).collect();
    rest.retain(|name| name.starts_with(|c: char| c.is_ascii_alphabetic()));
    rest
}

#[test]
fn no_name_meets_the_systems() {
    let all = system_names();
    let mut texts = Vec::new();
    let mut add = |made: Made| texts.push(tests::header(made.layout(), None).expect("a header"));
    add(Made::new().bytes("Everything", &all));
    add(Made::new().tags("Every", &all));
    for prefix in ["MAP", "O", "F", "S", "PROT", "SCHED", "INT", "UINT64", "AT"] {
        let variants = rest(&all, &format!("{prefix}_"));
        assert!(!variants.is_empty(), "{prefix}");
        add(Made::new().tags(prefix, &variants));
    }
    // Types named like the system's, and inner types so that prefix and name together are.
    for (name, inner) in
        [("stat", "uint8_t"), ("shm", "open"), ("errno", "errno"), ("region", "region"), ("MAP", "SHARED")]
    {
        let made = Made::new().node(b'{', 4, 2).text(name).number(2).text(name).number(0).bytes(inner, &[inner]);
        add(made.text("uint32_t").number(2).tags(name, &[inner, "OK", "FORMAT"]));
    }
    let text = system::tests::includes() + &texts.concat() + "int main(void) { return 0; }\n";
    for (compiler, modes) in COMPILERS {
        for mode in modes {
            let standard = format!("-std={mode}");
            // The header is the program here, so that functions that nothing calls are the program's own.
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
