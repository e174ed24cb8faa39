//! Checks that no write can panic, by following the calls in its assembly.
//!
//! Between the store that makes a sequence word busy and the one that ends the write nothing may panic (I9 no-panic in
//! `seqcopy/docs/reference/soundness.md`): the value would be unreadable until the next write. So this follows all
//! calls of the functions of [`WRITES`], in optimised code and in code with every check that a build can have. They may
//! reach the functions listed in [`ENDS`] and [`ELSEWHERE`], and no other function whose code is not in the files.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// The functions of [`codegen`](crate::codegen) that write, and what `store` does for each shape.
pub const WRITES: [&str; 15] = [
    "store_padded48",
    "store_dense64",
    "store_dense4k",
    "store_pointers",
    "store_packed",
    "store_enum",
    "store_many_runs",
    "store_array",
    "writer_write",
    "part_update_f32",
    "seqlock_write",
    "latch_write",
    "slice_write",
    "region_write",
    "store_by_list",
];

/// Functions that are not followed, by the beginning or the end of a name, and why no panic unwinds out of them.
const ENDS: [(&str, &str); 9] = [
    ("core::sync::atomic::", "panics for orderings that an access does not allow; those passed are constants"),
    ("::precondition_check", "aborts: a contract of `core` is broken"),
    ("core::panicking::panic_nounwind", "aborts: as above"),
    ("core::panicking::panic_misaligned_pointer_dereference", "aborts: as above"),
    ("core::panicking::panic_null_pointer_dereference", "aborts: as above"),
    ("core::panicking::panic_in_cleanup", "aborts"),
    ("core::panicking::panic_cannot_unwind", "aborts"),
    ("std_detect::detect::", "queries the processor, and stores the answer at a constant index"),
    ("_Unwind_Resume", "resumes a panic that began elsewhere"),
];

/// Functions that may be called although their code is not in the files: those that the standard library has compiled
/// itself, and those that optimised code calls.
const ELSEWHERE: [(&str, &str); 15] = [
    ("core::ptr::", "reads, writes, arithmetic; `is_aligned_to` only occurs in a precondition"),
    ("core::iter::range::", "counts"),
    ("<I as core::iter::traits::collect::IntoIterator>::into_iter", "returns its argument"),
    ("core::num::", "unchecked arithmetic"),
    ("std::thread::functions::yield_now", "a system call"),
    ("std::thread::yield_now", "a system call"),
    ("seqcopy::lock::claim::Claim::wait", "waits before the write; followed where the library's file is given, too"),
    ("seqcopy::copy::series::", "accesses of a list; followed where the library's file is given, too"),
    ("seqcopy::copy::part::any_bytes", "those of a run; followed likewise"),
    ("seqcopy::copy::vector::x86_64::longer", "vector moves; followed where the library's file is given, too"),
    ("seqcopy::copy::vector::x86_64::moves::Moves::get::find", "queries the processor; followed likewise"),
    ("seqcopy::copy::vector::x86_64::moves::Moves::get::MOVES", "the stored answer: data, not a function"),
    ("__aarch64_cas", "compares and swaps"),
    ("memcpy", "copies"),
    ("memset", "writes zeros"),
];

fn is_in(list: &[(&str, &str)], name: &str) -> bool {
    list.iter().any(|(part, _)| name.starts_with(part) || part.starts_with("::") && name.ends_with(part))
}

/// The functions of a file, each with the symbols that it names, called or not, since unoptimised code loads an address
/// into a register first. A call by an address in memory is the symbol `*`: that is how vtables are used.
#[must_use]
pub fn calls(text: &str) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut functions = BTreeMap::new();
    let mut lines = text.lines();
    // Tables have labels, too: only declared functions count.
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

/// The forbidden functions that the roots reach, each once, as a path of calls. `text` is that of all relevant files.
///
/// # Errors
/// If a root is missing.
pub fn breaches(text: &str, roots: &[&str]) -> Result<Vec<String>, String> {
    let functions = calls(text);
    let mut breaches = Vec::new();
    let mut met = BTreeSet::new();
    for &root in roots {
        if !functions.contains_key(root) {
            return Err(format!("no function {root}"));
        }
        // The caller from which each function was first reached.
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
    fn calls_inside_the_files_are_followed() {
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
        // Also if its code is in the files, as in an unoptimised build of everything.
        let text = TEXT.replace("callq\tmemcpy@PLT", &format!("callq\t{panic}"));
        assert_eq!(found(&format!("{text}\t.type\t{panic},@function\n{panic}:\n\tretq\n.Lfunc_end3:\n")).len(), 1);
    }

    #[test]
    fn unknown_functions_are_forbidden() {
        assert_eq!(found(&TEXT.replace("memcpy@PLT", "printf@PLT")), ["write -> inner -> printf"]);
        assert_eq!(found(&TEXT.replace("memcpy@PLT", "*printf@GOTPCREL(%rip)")), ["write -> inner -> printf"]);
        assert_eq!(found(&TEXT.replace("memcpy@PLT", "*8(%rax)")), ["write -> inner -> *"]);
    }
}
