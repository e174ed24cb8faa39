//! The rules refuse what they are there for.

use super::*;

fn rule(function: &str) -> Rule {
    *RULES.iter().find(|rule| rule.function == function).unwrap()
}

fn breaches(function: &str, arch: Arch, code: &str) -> Vec<String> {
    let lines: Vec<String> = code.split(';').map(|line| format!("    {}", line.trim())).collect();
    rule(function).breaches(&lines, arch)
}

#[test]
fn functions_are_found_and_cleaned() {
    let text = "\
        other:\n\tretq\n.Lfunc_end0:\nload_enum:\n.Lfunc_begin1:\n\t.cfi_startproc\n\tmovq\t8(%rdi), %rax # a word\n\
        .Ltmp7:\n\tje\t.LBB46_3\n.LBB46_3:\n.Ltmp8:\n\tjb\t.Ltmp8\n\tjmp\t_ZN7seqcopy4lock14read_contended17h7b228fc436e20561E\n.Lfunc_end1:\n";
    let found = functions(text, Arch::X86, &["load_enum"]);
    assert_eq!(found.len(), 1);
    assert_eq!(
        found["load_enum"],
        [
            "    movq    8(%rdi), %rax",
            "    je      .L3",
            ".L3:",
            ".Lasm0:",
            "    jb      .Lasm0",
            "    jmp     seqcopy::lock::read_contended"
        ]
    );
}

#[test]
fn calls_jumps_and_size() {
    let fine = "movq 8(%rdi), %rax; movq %rax, 8(%rsi); retq";
    assert!(breaches("load_padded48", Arch::X86, fine).is_empty());
    assert_eq!(breaches("load_padded48", Arch::X86, "callq memcpy; retq").len(), 1);
    assert_eq!(breaches("load_padded48", Arch::X86, "jmp memcpy").len(), 1);
    assert_eq!(breaches("load_padded48", Arch::Aarch64, "b memcpy").len(), 1);
    assert_eq!(breaches("load_padded48", Arch::Aarch64, "tbnz w8, #0, memcpy").len(), 1);
    assert_eq!(breaches("load_padded48", Arch::X86, "je .L3; retq").len(), 1);
    assert!(breaches("load_dense4k", Arch::X86, "jne .L3; jne 2b; jmpq *%rax; retq").is_empty());
    assert_eq!(breaches("load_padded48", Arch::X86, &["movb 1, 2"; 48].join(";")).len(), 1);
    assert!(breaches("seqlock_read", Arch::X86, "jne .L3; jmp seqcopy::lock::read_contended").is_empty());
    assert_eq!(breaches("writer_write", Arch::X86, "jmp seqcopy::lock::read_contended").len(), 1);
    let by_register = "movq seqcopy::lock::read_contended@GOTPCREL(%rip), %r10; callq *%r10";
    assert!(breaches("seqlock_read", Arch::X86, by_register).is_empty());
    assert_eq!(breaches("seqlock_read", Arch::X86, &by_register.replace("read_contended", "x")).len(), 1);
    assert_eq!(breaches("seqlock_read", Arch::X86, "callq *%r10").len(), 1);
}

#[test]
fn the_stack() {
    let fine = "movq (%rdi), %rax; retq; pushq %rbx; subq $16, %rsp";
    assert!(breaches("value_read16", Arch::X86, fine).is_empty());
    for stack in ["pushq %rbx", "subq $16, %rsp", "movaps %xmm0, 16(%rsp)"] {
        assert_eq!(breaches("value_read16", Arch::X86, &format!("{stack}; retq")).len(), 1, "{stack}");
        assert!(breaches("load_enum", Arch::X86, &format!("{stack}; retq")).is_empty());
    }
    let read = "ldar x8, [x0]; str q0, [sp, #16]; dmb ishld; ldr x9, [x0]; ret";
    assert_eq!(breaches("value_read16", Arch::Aarch64, read).len(), 1);
}

#[test]
fn locked_instructions() {
    for locked in ["lock cmpxchgb %al, (%rdi)", "mfence", "xchgq %rax, (%rdi)"] {
        assert_eq!(breaches("seqlock_read", Arch::X86, locked).len(), 1, "{locked}");
    }
}

#[test]
fn the_protocol_on_aarch64() {
    let read = "ldar x8, [x0]; ldr x9, [x0]; str x9, [x1]; dmb ishld; ldr x9, [x0]; ret";
    let write = "ldr x8, [x0]; str x9, [x0]; dmb ish; str x9, [x1]; stlr x9, [x0]; ret";
    let check = |function, code: String| breaches(function, Arch::Aarch64, &code).len();
    assert_eq!(check("seqlock_read", read.to_owned()), 0);
    assert_eq!(check("writer_write", write.to_owned()), 0);
    // Each half with one part missing, weaker, or in the wrong place.
    for (function, code, from, to) in [
        ("seqlock_read", read, "ldar", "ldr"),
        ("seqlock_read", read, "dmb ishld; ", ""),
        ("seqlock_read", read, "dmb ishld", "dmb ishst"),
        ("seqlock_read", read, "dmb ishld; ldr x9, [x0]", "ldr x9, [x0]; dmb ishld"),
        ("writer_write", write, "dmb ish; ", ""),
        ("writer_write", write, "dmb ish;", "dmb ishst;"),
        ("writer_write", write, "stlr", "str"),
        ("writer_write", write, "str x9, [x0]; dmb ish", "dmb ish; str x9, [x0]"),
        ("writer_write", write, "str x9, [x1]; stlr x9, [x0]", "stlr x9, [x0]; str x9, [x1]"),
    ] {
        assert_eq!(check(function, code.replace(from, to)), 1, "{function}: {to}");
    }
    assert_eq!(check("load_padded48", "ldar x8, [x0]; ret".to_owned()), 1);
}

#[test]
fn loads_of_parts() {
    let one = "movq (%rsi), %rcx; leaq 424(%rsi), %rdx; movl (%rdx), %edi; cmpq %rcx, (%rsi); movl %edi, 4(%rax); retq";
    assert_eq!(breaches("part_read_f32", Arch::X86, one), [""; 0]);
    let more = one.replace("leaq 424", "movq 424");
    assert_eq!(breaches("part_read_f32", Arch::X86, &more), ["4 loads, at most 3 expected"]);
    let one = "ldar x8, [x0]; ldr w9, [x10]; dmb ishld; ldr x0, [x0]; ret";
    assert_eq!(breaches("part_read_f32", Arch::Aarch64, one), [""; 0]);
    let more = one.replace("dmb", "ldr w9, [x11]; dmb");
    assert_eq!(breaches("part_read_f32", Arch::Aarch64, &more), ["4 loads, at most 3 expected"]);
}

/// What is checked in of a function, as lines.
fn checked_in(function: &str, arch: &str) -> Vec<String> {
    let rule = RULES.iter().find(|rule| rule.function == function).expect("a rule");
    let path = format!("{}/asm/{arch}/{}.s", env!("CARGO_MANIFEST_DIR"), rule.file());
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let code = text.split("\n\n").find_map(|code| code.strip_prefix(&format!("{function}:\n")));
    code.unwrap_or_else(|| panic!("{path}: no {function}")).lines().map(str::to_owned).collect()
}

#[test]
fn every_rule_refuses_what_is_added_to_the_code_that_passes() {
    for (name, call, push, load) in [
        ("x86_64", "callq *memcpy@GOTPCREL(%rip)", "pushq %rbx", "movups (%rdi), %xmm8"),
        ("aarch64", "bl memcpy", "str x19, [sp, #-16]!", "ldr q8, [x0]"),
    ] {
        let arch = Arch::named(name).unwrap();
        for rule in RULES {
            let code = checked_in(rule.function, name);
            let with = |line: &str, count| {
                let mut more = vec![format!("    {line}"); count];
                more.extend(code.iter().cloned());
                rule.breaches(&more, arch)
            };
            let says = |breaches: &[String], what| breaches.iter().any(|breach| breach.contains(what));
            assert_eq!(rule.breaches(&code, arch), [""; 0], "{} on {name}", rule.function);
            // A second copy: by a function, through the stack, or in place.
            assert!(says(&with(call, 1), "a call: "), "{} on {name} may call memcpy", rule.function);
            assert!(says(&with("nop", rule.max), "instructions, at most"), "{} on {name}", rule.function);
            assert!(!rule.in_registers || says(&with(push, 1), "the stack: "), "{} on {name}", rule.function);
            if let Some((_, most)) = LOADS.iter().find(|(function, _)| *function == rule.function) {
                assert!(says(&with(load, *most), " loads, at most"), "{} on {name}", rule.function);
            }
        }
    }
}

#[test]
fn what_is_overwritten_is_not_loaded() {
    for (name, load) in [("x86_64", "movups (%rdi), %xmm8"), ("aarch64", "ldp q8, q9, [x0]")] {
        for (function, count) in [("value_get_mut", 8), ("value_write256", 16)] {
            // As many loads as the old value takes; both functions are shorter than they may be.
            let mut code = vec![format!("    {load}"); if name == "x86_64" { count } else { count / 2 }];
            code.extend(checked_in(function, name));
            let breaches = rule(function).breaches(&code, Arch::named(name).unwrap());
            assert!(
                breaches.iter().any(|breach| breach.contains(" loads, at most")),
                "{function} on {name}: {breaches:?}"
            );
        }
    }
}
