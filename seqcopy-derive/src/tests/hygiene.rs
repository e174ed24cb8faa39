//! No name of ours meets a name of the user's.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::{expansions, output};

use crate::context::Derive;

/// Calls `f` with every word of the tokens and the two tokens before and the one after it.
fn each_word(tokens: TokenStream, f: &mut impl FnMut(&str, [Option<String>; 3])) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (i, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Ident(ident) => {
                let at = |i: Option<usize>| i.and_then(|i| tokens.get(i)).map(ToString::to_string);
                f(&ident.to_string(), [at(i.checked_sub(2)), at(i.checked_sub(1)), at(Some(i + 1))]);
            }
            TokenTree::Group(group) => each_word(group.stream(), f),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

fn is_colon(token: Option<&String>) -> bool {
    token.is_some_and(|text| text == ":")
}

#[test]
fn self_leads_to_variants_only() {
    for (trait_, item) in expansions() {
        let mut after_self = Vec::new();
        let mut previous_was_self = false;
        each_word(output(trait_, item), &mut |word, [_, before, after]| {
            if previous_was_self && is_colon(before.as_ref()) {
                after_self.push(word.to_owned());
            }
            previous_was_self = word == "Self" && is_colon(after.as_ref());
        });
        let user_words = ["A", "B", "C", "D", "r#B", "check_valid"];
        assert!(after_self.iter().all(|word| user_words.contains(&&**word)), "{item}: {after_self:?}");
    }
}

#[test]
fn every_path_is_absolute_or_the_users() {
    let keywords = [
        "Self",
        "as",
        "const",
        "fn",
        "impl",
        "for",
        "if",
        "let",
        "match",
        "mut",
        "raw",
        "ref",
        "return",
        "static",
        "true",
        "false",
        "type",
        "unsafe",
        "where",
        "while",
        "_",
        "inline",
        "always",
        "allow",
        "automatically_derived",
    ];
    // What our impls define: the names are the trait's, and nothing can refer to them without it.
    let defined = ["LAYOUT", "check", "Code", "WORD", "HOOKS", "HOOKS_GIVEN", "ANY_BITS"];
    for (trait_, item) in expansions() {
        let mut users = Vec::new();
        each_word(item.parse().unwrap(), &mut |word, _| users.push(word.to_owned()));
        each_word(output(trait_, item), &mut |word, [far, before, _]| {
            let in_path = is_colon(before.as_ref()) && is_colon(far.as_ref());
            let is_lifetime = before.as_deref() == Some("'");
            let is_known = in_path
                || is_lifetime
                || keywords.contains(&word)
                || defined.contains(&word)
                || word.starts_with("__")
                || users.iter().any(|user| user == word);
            assert!(is_known, "`{word}` stands alone in the expansion of {item}");
        });
    }
}

#[test]
fn nothing_that_users_could_name_is_defined() {
    for (trait_, item) in expansions() {
        each_word(output(trait_, item), &mut |word, [_, before, after]| {
            let name = after.unwrap_or_default();
            match word {
                "struct" | "enum" | "union" | "trait" | "mod" | "use" | "macro_rules" | "extern" => {
                    panic!("{item} defines {name}")
                }
                "type" => assert!("Code" == name, "{item} defines type {name}"),
                "static" => assert_eq!(before.as_deref(), Some("'"), "{item}"),
                "fn" => {
                    assert!(["check", "__seqcopy_need"].contains(&&*name), "{item} defines fn {name}");
                }
                "const" => assert!(
                    ["_", "LAYOUT", "WORD", "HOOKS", "HOOKS_GIVEN", "ANY_BITS"].contains(&&*name)
                            // A block.
                            || name.starts_with('{')
                            || ["*", "raw"].contains(&before.as_deref().unwrap_or_default())
                            || item.contains(&format!("const {name}")),
                    "{item} defines const {name}"
                ),
                _ => {}
            }
        });
    }
}

#[test]
fn own_names_avoid_those_of_the_item() {
    let item = "struct S<__V, const __seqcopy_v: usize>([__V; __seqcopy_v], [u8; __seqcopy_o], [u8; { __seqcopy_x1 }], r#__seqcopy_b);";
    let text = output(Derive::SeqCopy, item).to_string();
    assert!(text.contains("| __seqcopy_x_ : & Self |"), "{text}");
    let text = output(Derive::Validate, &format!("#[repr(C)] {item}")).to_string();
    for fresh in ["fn check (__seqcopy_b_ :", "let __seqcopy_o_ =", "let mut __seqcopy_x_ ="] {
        assert!(text.contains(fresh), "{fresh}\nin\n{text}");
    }
}

#[test]
fn a_renamed_crate_is_used_everywhere() {
    let item = "#[repr(C, u8)] #[seqcopy(crate = ::renamed, check = f)] enum E<T> { A(T), B }";
    for trait_ in [Derive::SeqCopy, Derive::Validate] {
        let text = output(trait_, item).to_string();
        // But for names of locals.
        assert!(!text.replace("__seqcopy_", "").contains("seqcopy"), "{text}");
    }
}

#[test]
fn only_the_users_lints_are_allowed() {
    for (trait_, item) in expansions() {
        assert!(!output(trait_, item).to_string().contains("allow"), "{item}");
    }
    for trait_ in [Derive::SeqCopy, Derive::Validate] {
        let starts_with = |item, start| assert!(output(trait_, item).to_string().starts_with(start), "{item}");
        starts_with("#[repr(C)] struct S { #[deprecated] a: u8 }", "# [allow (deprecated)] const _");
        starts_with("#[allow(x, y)] #[expect(z)] #[repr(C)] struct S;", "# [allow (x , y)] # [allow (z)] const _");
    }
    let text = output(
        Derive::SeqCopy,
        "struct S { #[allow(x)] #[seqcopy(unsafe(as = A))] #[expect(y)] a: u8, #[allow(z)] b: u8 }",
    );
    assert!(text.to_string().contains("# [allow (x)] # [allow (y)] const _ : () = unsafe {"), "{text}");
    assert!(!text.to_string().contains("allow (z)"), "{text}");
}

#[test]
fn types_after_invisible_delimiters_are_taken() {
    // What a `macro_rules!` macro hands on as `$ty:ty`.
    let group = |text: &str| TokenTree::Group(proc_macro2::Group::new(Delimiter::None, text.parse().unwrap()));
    let ty = group("Vec3<T>");
    let reference = group("&'static u8");
    let number = group("-3");
    let good = quote::quote!(#[repr(i8)] enum E<T> { A(#ty) = #number, B { x: [#ty; 2] } });
    let text = crate::derive(good, Derive::SeqCopy).to_string();
    assert!(!text.contains("compile_error"), "{text}");
    assert!(text.contains(r#"variant ("A" , - 3 ,"#), "{text}");
    let bad = quote::quote!(struct S { a: #reference });
    assert!(crate::derive(bad, Derive::SeqCopy).to_string().contains("is a reference"));
}
