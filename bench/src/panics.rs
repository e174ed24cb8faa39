//! What a write can come to: the functions that are called on its way, and that none of them panics.
//!
//! Between the store that makes a sequence word busy and the one that ends the write nothing may panic (I9 of
//! `seqcopy/docs/soundness.md`): the value would be withdrawn until the next write. So the functions of [`WRITES`] and all that they
//! call are looked through, in optimised code and in code with every check that a build can have. They may come to what is
//! listed in [`ENDS`] and [`ELSEWHERE`], and to nothing else that is not there to be looked through.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// The functions of [`codegen`](crate::codegen) that write, and what `store` does for each shape.
pub const WRITES: [&str; 12] = [
    "store_padded48",
    "store_dense64",
    "store_dense4k",
    "store_pointers",
    "store_packed",
    "store_enum",
    "store_many_runs",
    "store_array",
    "writer_write",
    "seqlock_write",
    "latch_write",
    "region_write",
];

/// Where a walk ends, by the beginning or the end of a name, and why there is no panic that unwinds behind it.
const ENDS: [(&str, &str); 8] = [
    ("core::sync::atomic::", "panics of orderings that an access can't have; those given are constants"),
    ("::precondition_check", "ends the process: a contract of `core` is broken"),
    ("core::panicking::panic_nounwind", "ends the process: as above"),
    ("core::panicking::panic_misaligned_pointer_dereference", "ends the process: as above"),
    ("core::panicking::panic_null_pointer_dereference", "ends the process: as above"),
    ("core::panicking::panic_in_cleanup", "ends the process"),
    ("std_detect::detect::", "asks the processor, and keeps the answer at an index that is a constant"),
    ("_Unwind_Resume", "goes on with a panic that came from elsewhere"),
];

/// What may be met that is not in the files: the instances of the standard library's functions that it has compiled itself,
/// and what optimised code calls.
const ELSEWHERE: [(&str, &str); 10] = [
    ("core::ptr::", "reads, writes, arithmetic; `is_aligned_to` is not met but in a precondition"),
    ("core::iter::range::", "counts"),
    ("<I as core::iter::traits::collect::IntoIterator>::into_iter", "gives back what it got"),
    ("core::num::", "arithmetic that is not checked"),
    ("std::thread::functions::yield_now", "asks the system"),
    ("std::thread::yield_now", "asks the system"),
    (
        "seqcopy::lock::claim::Claim::wait",
        "waits before the write; looked through where the library's file is given, too",
    ),
    ("__aarch64_cas", "compares and swaps"),
    ("memcpy", "copies"),
    ("memset", "writes zeros"),
];

fn is_in(list: &[(&str, &str)], name: &str) -> bool {
    list.iter().any(|(part, _)| name.starts_with(part) || part.starts_with("::") && name.ends_with(part))
}

/// The functions of a file, each with the symbols that it names, called or not: unoptimised code loads an address into a
/// register first. A call by an address that lies in memory is the symbol `*`: that is how vtables are used.
#[must_use]
pub fn calls(text: &str) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut functions = BTreeMap::new();
    let mut lines = text.lines();
    // Tables have labels, too.
    let mut declared = "";
    while let Some(line) = lines.next() {
        if let Some(name) = line.strip_prefix("\t.type\t").and_then(|line| line.strip_suffix("function")) {
            declared = name.trim_end_matches(['@', '%']).trim_end_matches(',');
        }
        let Some(name) = line.strip_suffix(':').filter(|name| *name == declared) else { continue };
        let body = lines.by_ref().take_while(|line| !line.starts_with(".Lfunc_end"));
        functions.insert(name, body.filter_map(instruction).flat_map(symbols).collect());
    }
    functions
}

fn instruction(line: &str) -> Option<&str> {
    let code = line.strip_prefix('\t').filter(|code| !code.starts_with('.'))?;
    Some(code.split(['#']).next().unwrap_or_default())
}

fn symbols(code: &str) -> impl Iterator<Item = &str> {
    let (name, operands) = code.split_once('\t').unwrap_or((code, ""));
    let is_call = name.starts_with("call") || matches!(name, "bl" | "blr");
    let in_memory = is_call && operands.starts_with('*') && operands.contains('(') && !operands.contains("(%rip)");
    let direct = (is_call || name.starts_with("jmp") || name == "b") && !operands.starts_with('*') && name != "blr";
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '$');
    let words = operands.split(move |c| !is_part(c)).filter(move |word| {
        let mangled = word.starts_with("_ZN") || word.starts_with("_R");
        let plain = word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && *word != "PLT";
        mangled
            || (direct && plain)
            || (is_call && operands.contains("@GOTPCREL") && plain && !matches!(*word, "rip" | "GOTPCREL"))
    });
    in_memory.then_some("*").into_iter().chain(words)
}

/// What those that write come to and should not, each once, as one way to it. The text is that of all files that matter.
///
/// # Errors
/// If one of the functions is not there.
pub fn breaches(text: &str, roots: &[&str]) -> Result<Vec<String>, String> {
    let functions = calls(text);
    let mut breaches = Vec::new();
    let mut met = BTreeSet::new();
    for &root in roots {
        if !functions.contains_key(root) {
            return Err(format!("there is no function {root}"));
        }
        // By whom each was reached first.
        let mut from: BTreeMap<&str, &str> = BTreeMap::new();
        let mut queue = VecDeque::from([root]);
        while let Some(name) = queue.pop_front() {
            for &called in &functions[name] {
                if called == root || from.contains_key(called) {
                    continue;
                }
                from.insert(called, name);
                let readable = readable(called);
                if is_in(&ENDS, &readable) {
                    continue;
                }
                if functions.contains_key(called) && !readable.starts_with("core::panicking::") {
                    queue.push_back(called);
                } else if !is_in(&ELSEWHERE, &readable) && met.insert(readable) {
                    breaches.push(way(&from, called));
                }
            }
        }
    }
    Ok(breaches)
}

fn way(from: &BTreeMap<&str, &str>, last: &str) -> String {
    let mut names = vec![last];
    while let Some(name) = from.get(names[names.len() - 1]) {
        names.push(name);
    }
    let names: Vec<String> = names.iter().rev().map(|name| readable(name)).collect();
    names.join(" -> ")
}

fn readable(symbol: &str) -> String {
    format!("{:#}", rustc_demangle::demangle(symbol))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
        \t.type\twrite,@function\nwrite:\n\t.cfi_startproc\n\tmovq\t%rdi, %rax\n\tcallq\t*_ZN4core3ptr5write17h0123456789abcdefE@GOTPCREL(%rip)\n\tcallq\tinner\n.Lfunc_end0:\n\
        GCC_except_table0:\n\t.byte\t255\n\t.type\tinner,@function\ninner:\n\tjne\t.LBB1_2\n\tcallq\tmemcpy@PLT\n\tretq\n.Lfunc_end1:\n\
        \t.type\t_ZN4core3ptr5write17h0123456789abcdefE,@function\n_ZN4core3ptr5write17h0123456789abcdefE:\n\tretq\n.Lfunc_end2:\n";

    fn found(text: &str) -> Vec<String> {
        breaches(text, &["write"]).unwrap()
    }

    #[test]
    fn what_can_be_looked_through_is() {
        assert_eq!(found(TEXT), [""; 0]);
        assert!(breaches(TEXT, &["other"]).is_err());
    }

    #[test]
    fn panics_are_found_however_deep() {
        let panic = "_ZN4core9panicking9panic_fmt17h0123456789abcdefE";
        for call in [
            format!("callq\t{panic}"),
            format!("callq\t*{panic}@GOTPCREL(%rip)"),
            format!("jmp\t{panic}"),
            format!("leaq\t{panic}(%rip), %rax"),
            format!("bl\t{panic}"),
        ] {
            let text = TEXT.replace("callq\tmemcpy@PLT", &call);
            assert_eq!(found(&text), ["write -> inner -> core::panicking::panic_fmt"], "{call}");
        }
        // Also where it can be looked through, as in an unoptimised build of everything.
        let text = TEXT.replace("callq\tmemcpy@PLT", &format!("callq\t{panic}"));
        assert_eq!(found(&format!("{text}\t.type\t{panic},@function\n{panic}:\n\tretq\n.Lfunc_end3:\n")).len(), 1);
    }

    #[test]
    fn what_is_not_known_is_no_way() {
        assert_eq!(found(&TEXT.replace("memcpy@PLT", "printf@PLT")), ["write -> inner -> printf"]);
        assert_eq!(found(&TEXT.replace("memcpy@PLT", "*printf@GOTPCREL(%rip)")), ["write -> inner -> printf"]);
        assert_eq!(found(&TEXT.replace("memcpy@PLT", "*8(%rax)")), ["write -> inner -> *"]);
    }
}
