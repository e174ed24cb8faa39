//! Splits the compiler's assembly into functions, removes what only tools read, and checks the functions of
//! [`codegen`](crate::codegen) against rules.
//!
//! The rules are about structure, not about the text: another compiler may choose other registers and another order.

mod rules;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use rules::LOADS;
pub use rules::RULES;

/// An architecture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arch {
    /// Every load acquires and every store releases; only locked instructions and `mfence` order a store before a load.
    X86,
    /// Ordering takes barriers, or acquire and release instructions.
    Aarch64,
}

impl Arch {
    /// From the first part of a target triple.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "x86_64" => Some(Arch::X86),
            "aarch64" => Some(Arch::Aarch64),
            _ => None,
        }
    }

    fn comment(self) -> &'static str {
        match self {
            Arch::X86 => "#",
            Arch::Aarch64 => "//",
        }
    }
}

/// The functions of a file that are in `names`, as instructions and labels.
#[must_use]
pub fn functions(text: &str, arch: Arch, names: &[&str]) -> BTreeMap<String, Vec<String>> {
    let mut found = BTreeMap::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some(name) = line.strip_suffix(':').filter(|name| names.contains(name)) else { continue };
        let body: Vec<&str> = lines.by_ref().take_while(|line| !line.starts_with(".Lfunc_end")).collect();
        let labels = inner_labels(&body);
        found.insert(name.to_owned(), body.iter().filter_map(|line| clean(line, arch, &labels)).collect());
    }
    found
}

/// The labels of inline assembly that are the target of a jump, in order. (The compiler emits many others of this kind,
/// for debuggers.)
fn inner_labels<'a>(body: &[&'a str]) -> Vec<&'a str> {
    let labels = body.iter().filter_map(|line| line.strip_suffix(':')).filter(|label| label.starts_with(".Ltmp"));
    let is_target = |label: &&str| {
        body.iter().any(|line| {
            line.starts_with('\t') && !line.starts_with("\t.") && line.split_whitespace().last() == Some(label)
        })
    };
    labels.filter(is_target).collect()
}

/// A line without directives and comments; `None` if nothing is left.
fn clean(line: &str, arch: Arch, labels: &[&str]) -> Option<String> {
    let code = line.split(arch.comment()).next().unwrap_or_default();
    let words: Vec<&str> = code.split_whitespace().collect();
    let first = *words.first()?;
    if let Some(label) = first.strip_suffix(':') {
        let wanted = label.starts_with(".LBB") || labels.contains(&label);
        return wanted.then(|| format!("{}:", symbols(label, labels)));
    }
    if first.starts_with('.') {
        return None;
    }
    let (_, operands) = code.trim().split_at(first.len());
    let operands = operands.split_whitespace().collect::<Vec<_>>().join(" ");
    Some(format!("    {first:<8}{}", symbols(&operands, labels)).trim_end().to_owned())
}

/// Demangles names, and removes the numbers from labels that change with every build.
fn symbols(operands: &str, labels: &[&str]) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '$');
    let mut text = String::new();
    let mut rest = operands;
    while let Some(start) = rest.find(is_part) {
        let end = rest[start..].find(|c| !is_part(c)).map_or(rest.len(), |len| start + len);
        text.push_str(&rest[..start]);
        let word = &rest[start..end];
        if let Some((_, number)) = word.strip_prefix(".LBB").and_then(|label| label.split_once('_')) {
            let _ = write!(text, ".L{number}");
        } else if let Some(index) = labels.iter().position(|label| *label == word) {
            let _ = write!(text, ".Lasm{index}");
        } else if word.starts_with(".Lanon.") || word.starts_with(".LCPI") {
            text.push_str(".Lconstant");
        } else {
            let _ = write!(text, "{:#}", rustc_demangle::demangle(word));
        }
        rest = &rest[end..];
    }
    text + rest
}

/// What a function may do.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// Its name.
    pub function: &'static str,
    flow: Flow,
    /// The most instructions allowed: a copy by words passes, a copy by bytes does not.
    max: usize,
    order: Order,
    /// Whether it must not use the stack up to its first return, which is that of the fast path. (A retry may move the
    /// value from there, by `memcpy` as well.)
    in_registers: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flow {
    /// No jump, no call.
    Straight,
    /// Jumps inside the function.
    Local,
    /// The same, and a call to one function outside, off the fast path.
    Cold(&'static str),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    /// Relaxed: no ordering instruction.
    None,
    /// The reader's half of the protocol.
    Read,
    /// The writer's half.
    Write,
    /// Not checked.
    Any,
}

impl Rule {
    /// The file that keeps the code of the function, among others of its kind.
    #[must_use]
    pub fn file(&self) -> &'static str {
        let is = |words: &[&str]| words.iter().any(|word| self.function.contains(word));
        match () {
            () if is(&["part_"]) => "parts",
            () if is(&["region_"]) => "regions",
            () if is(&["load", "store"]) => "copies",
            () if is(&["write_", "_write", "replace"]) && !is(&["read"]) => "writes",
            () if self.in_registers => "reads",
            () => "large_reads",
        }
    }

    /// The rule of a copy alone for code that was optimised less, or for size: no call. (Blocks of a run may be a loop
    /// there. What is returned by value ends in a move, which is a call of `memcpy` there.)
    #[must_use]
    pub fn at_any_level(self) -> Option<Self> {
        let flow = if self.flow == Flow::Straight { Flow::Local } else { self.flow };
        let is_copy = self.order == Order::None && !self.function.starts_with("value_");
        is_copy.then_some(Rule { flow, ..self })
    }

    /// How the code of a function breaks the rule; empty if it does not.
    #[must_use]
    pub fn breaches(&self, code: &[String], arch: Arch) -> Vec<String> {
        let code: Vec<Instruction<'_>> = code.iter().filter_map(|line| Instruction::of(line)).collect();
        let mut breaches = Vec::new();
        if code.len() > self.max {
            breaches.push(format!("{} instructions, at most {} expected", code.len(), self.max));
        }
        let fast = code.iter().position(|i| i.name.starts_with("ret")).map_or(&code[..], |first| &code[..first]);
        if self.in_registers {
            breaches.extend(fast.iter().filter(|i| i.uses_stack()).map(|i| format!("the stack: {i}")));
        }
        // Readers of other types leave a function of regions before its own path begins. Where a loop calls a function,
        // its address may have been loaded before.
        let loaded: Vec<_> =
            code.iter().filter(|i| i.name.starts_with("mov") && i.operands.contains("@GOTPCREL")).collect();
        for (index, instruction) in code.iter().enumerate() {
            let leaves = instruction.leaves(arch);
            let by_register = instruction.operands.starts_with("*%") && !loaded.is_empty();
            let by_fields = self.function.starts_with("region_") && instruction.operands.contains("reader::apart");
            let allowed = by_fields
                || matches!(self.flow, Flow::Cold(place) if instruction.operands.contains(place)
                || by_register && loaded.iter().all(|i| i.operands.contains(place))
                || self.in_registers && index > fast.len() && instruction.operands.contains("memcpy"));
            if leaves && !allowed {
                breaches.push(format!("a call: {instruction}"));
            } else if !leaves && self.flow == Flow::Straight && instruction.jumps(arch) {
                breaches.push(format!("a jump: {instruction}"));
            }
        }
        let loads = code.iter().map(|i| i.loads(arch)).sum::<usize>();
        if let Some((_, most)) = LOADS.iter().find(|(name, most)| *name == self.function && loads > *most) {
            breaches.push(format!("{loads} loads, at most {most} expected"));
        }
        match arch {
            Arch::X86 => breaches.extend(
                code.iter().filter(|i| i.is_locked()).map(|i| format!("a locked instruction or full fence: {i}")),
            ),
            Arch::Aarch64 if self.in_registers => breaches.extend(self.order.breaches(fast)),
            Arch::Aarch64 => breaches.extend(self.order.breaches(&code)),
        }
        breaches
    }
}

impl Order {
    /// Checks the ordering instructions, and the accesses before and after them.
    fn breaches(self, code: &[Instruction<'_>]) -> Vec<String> {
        let ordering: Vec<String> = code.iter().filter(|i| i.orders()).map(Instruction::short).collect();
        let wanted: &[&[&str]] = match self {
            Order::Any => return Vec::new(),
            Order::None => &[],
            Order::Read => &[&["ldar", "ldapr"], &["dmb ishld"]],
            Order::Write => &[&["dmb ish"], &["stlr"]],
        };
        let mut breaches = Vec::new();
        let as_wanted = ordering.len() == wanted.len()
            && ordering.iter().zip(wanted).all(|(found, any_of)| any_of.contains(&found.as_str()));
        if !as_wanted {
            breaches.push(format!("ordered by {ordering:?}, where {wanted:?} was expected"));
            return breaches;
        }
        let at = |what: &str| code.iter().position(|i| i.short() == what).unwrap_or(code.len());
        let loads_after = |index: usize| code[index..].iter().filter(|i| i.name.starts_with("ld")).count();
        let stores_before = |index: usize| code[..index].iter().filter(|i| i.name.starts_with("st")).count();
        let stores_after = |index: usize| code[index..].iter().filter(|i| i.name.starts_with("st")).count();
        match self {
            Order::None | Order::Any => {}
            Order::Read => {
                if loads_after(at("dmb ishld")) != 1 {
                    breaches.push("exactly one load, of the word, must follow `dmb ishld`".to_owned());
                }
            }
            Order::Write => {
                if stores_before(at("dmb ish")) != 1 {
                    breaches.push("exactly one store, of the word, must precede `dmb ish`".to_owned());
                }
                if stores_after(at("stlr")) != 1 {
                    breaches.push("no store may follow `stlr`".to_owned());
                }
            }
        }
        breaches
    }
}

struct Instruction<'a> {
    name: &'a str,
    operands: &'a str,
}

impl std::fmt::Display for Instruction<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.name, self.operands)
    }
}

impl<'a> Instruction<'a> {
    fn of(line: &'a str) -> Option<Self> {
        let line = line.trim();
        if line.ends_with(':') {
            return None;
        }
        let (name, operands) = line.split_once(' ').unwrap_or((line, ""));
        Some(Instruction { name, operands: operands.trim() })
    }

    fn jumps(&self, arch: Arch) -> bool {
        match arch {
            Arch::X86 => self.name.starts_with('j'),
            Arch::Aarch64 => {
                matches!(self.name, "b" | "br" | "cbz" | "cbnz" | "tbz" | "tbnz") || self.name.starts_with("b.")
            }
        }
    }

    /// Whether it goes to another function: a call, or a jump out of this one.
    fn leaves(&self, arch: Arch) -> bool {
        let calls = match arch {
            Arch::X86 => self.name.starts_with("call"),
            Arch::Aarch64 => matches!(self.name, "bl" | "blr"),
        };
        // A jump through a table of this function is indirect, by a register.
        let target = self.operands.rsplit([',', ' ']).next().unwrap_or_default();
        let local = target.starts_with(".L") || target.starts_with('*') || self.name == "br";
        // `1b` and `2f` are labels inside inline assembly.
        let numbered = target.starts_with(|c: char| c.is_ascii_digit());
        calls || (self.jumps(arch) && !local && !numbered)
    }

    /// How many registers it loads from memory: on x86 one, if a memory operand is not the last, which is the
    /// destination, or is compared.
    fn loads(&self, arch: Arch) -> usize {
        match arch {
            Arch::X86 => {
                let after = self.operands.split_once(')').map(|(_, after)| after);
                let compares = self.name.starts_with("cmp") || self.name.starts_with("test");
                let loads = after.is_some_and(|after| compares || after.starts_with(','));
                usize::from(loads && !self.name.starts_with("lea"))
            }
            Arch::Aarch64 if self.name.starts_with("ldp") => 2,
            Arch::Aarch64 => usize::from(self.name.starts_with("ld")),
        }
    }

    fn uses_stack(&self) -> bool {
        let mut words = self.operands.split(|c: char| !c.is_ascii_alphanumeric());
        self.name.starts_with("push") || self.name.starts_with("pop") || words.any(|word| matches!(word, "rsp" | "sp"))
    }

    fn is_locked(&self) -> bool {
        self.name == "lock" || self.name == "mfence" || self.name.starts_with("xchg")
    }

    /// Whether it is an ordering instruction of aarch64.
    fn orders(&self) -> bool {
        let ordered = ["dmb", "dsb", "isb", "lda", "stl", "ldxr", "stxr", "cas", "swp", "ldadd", "ldset", "ldclr"];
        ordered.iter().any(|start| self.name.starts_with(start))
    }

    /// A barrier with its operand, another instruction without registers and width.
    fn short(&self) -> String {
        if self.name == "dmb" { format!("dmb {}", self.operands) } else { self.name.trim_end_matches('b').to_owned() }
    }
}
