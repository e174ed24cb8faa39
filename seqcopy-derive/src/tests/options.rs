//! One test per refusal of an option.

use super::{accepts, compact, errors, refuses};

use crate::attr::{Name, distance};
use crate::context::Derive;

fn on_type(options: &str) -> String {
    format!("#[repr(C)] #[seqcopy({options})] struct Pose {{ x: u8 }}")
}

fn on_field(options: &str) -> String {
    format!("#[repr(C)] struct Pose {{ #[seqcopy({options})] x: Foreign }}")
}

#[test]
fn unknown_with_a_guess() {
    for (wrong, meant) in [
        ("crat = ::a", "crate = "),
        ("krate = ::a", "crate = "),
        ("bounds(T: A)", "bound("),
        ("chekc = f", "check = "),
        // Two mistakes.
        ("chekcs = f", "check = "),
        ("unsafe(chek = f)", "check = "),
        // Two pairs of neighbours, each swapped: four mistakes if a swap were two.
        ("obnud(T: A)", "bound("),
        ("hcekc = f", "check = "),
    ] {
        refuses(&on_type(wrong), &["unknown option `", "of `Pose`; did you mean `", meant]);
    }
    for (wrong, meant) in [
        ("skp", "`skip`"),
        ("wrd = Parity<u32>", "`word = "),
        ("wiht = A", "`with = List`"),
        ("unsafe(az = A)", "`unsafe(as = Type)`"),
    ] {
        refuses(&on_field(wrong), &["unknown option `", "of `Pose.x`; did you mean ", meant]);
    }
}

/// All words of up to four of three letters, and each option's name against them.
#[test]
fn distances_are_those_of_another_implementation() {
    let mut words = vec![String::new()];
    for start in 0..40 {
        words.extend(["a", "b", "c"].map(|letter| words[start].clone() + letter));
    }
    words.extend(Name::ALL.map(|name| name.word().to_owned()));
    for a in &words {
        for b in &words {
            assert_eq!(distance(a, b), strsim::osa_distance(a, b), "`{a}` and `{b}`");
        }
    }
}

#[test]
fn words_of_other_crates() {
    for (words, meant) in [
        ("ignore omit hole padding", "`skip`"),
        ("from into like", "`unsafe(as = Type)`"),
        ("mirror foreign describe", "`remote = path::Type`"),
        ("by using describedby described_by", "`with = List`"),
        ("validate validator valid verify", "`check = path::to::function`"),
        ("r#where", "`bound(T: SeqCopy)`"),
        ("sequence seq count lock code", "`word = Parity<u32>`"),
        ("pod bytes opaque raw", "`unsafe(plain)`"),
        ("otherwise missing fallback optional", "`default = path::to::function`"),
    ] {
        for word in words.split(' ') {
            let guess = format!("did you mean {meant}");
            for (item, owner) in [(on_type(word), "Pose"), (on_field(word), "Pose.x")] {
                let unknown = format!("unknown option `{}` of `{owner}`", word.trim_start_matches("r#"));
                refuses(&item, &[&unknown, &guess]);
            }
        }
    }
}

#[test]
fn unknown_without_a_guess() {
    refuses(
        &on_type("transparent"),
        &["unknown option `transparent` of `Pose`", "`crate = path`", "`bound(..)`", "`unsafe(check = path)`"],
    );
    refuses(
        &on_field("x"),
        &["unknown option `x` of `Pose.x`", "`skip`, `with = List`, `unsafe(as = Type)`, `word = Code` or `default`"],
    );
    refuses(
        "#[repr(u8)] enum E { #[seqcopy(x)] A(u8) }",
        &["unknown option `x` of `E::A`", "none here, but `skip`, `with = List` or `unsafe(as = Type)` on its fields"],
    );
}

#[test]
fn misplaced() {
    refuses(&on_type("skip"), &["`skip` belongs on a field, not on the type `Pose`", "write `#[seqcopy(skip)]` there"]);
    refuses(&on_type("unsafe(as = A)"), &["`as` belongs on a field, not on the type `Pose`"]);
    refuses(&on_field("check = f"), &["`check` belongs on the type, not on the field `Pose.x`"]);
    refuses(&on_field("crate = ::a"), &["`crate` belongs on the type"]);
    refuses("#[repr(u8)] enum E { #[seqcopy(skip)] A(u8) }", &["`skip` belongs on a field, not on the variant `E::A`"]);
    refuses(
        "#[repr(u8)] enum E { #[seqcopy(check = f)] A(u8) }",
        &["`check` belongs on the enum, not on the variant `E::A`"],
    );
}

#[test]
fn given_twice() {
    refuses(&on_type("crate = ::a, crate = ::a"), &["`crate` is given twice for `Pose`"]);
    refuses(&on_type("bound(), bound()"), &["`bound` is given twice"]);
    refuses(&on_field("unsafe(as = A), unsafe(as = B)"), &["`as` is given twice for `Pose.x`"]);
    refuses("#[repr(C)] struct S { #[seqcopy(skip)] #[seqcopy(skip)] x: M }", &["`skip` is given twice for `S.x`"]);
    // With the word `unsafe` and without: only a check can be given both ways.
    refuses(&on_type("remote = A, unsafe(remote = B)"), &["`remote` is given twice for `Pose`"]);
    accepts(&on_type("check = f, unsafe(check = g)"));
}

#[test]
fn without_a_value() {
    refuses(&on_type("crate"), &["`crate` of `Pose` lacks its value: write `crate = ::path::to::seqcopy`"]);
    refuses(&on_type("bound"), &["write `bound(T: SeqCopy)`"]);
    refuses(&on_type("check"), &["write `check = path::to::function`"]);
    refuses(&on_field("unsafe(as)"), &["`as` of `Pose.x` lacks its value: write `unsafe(as = Type)`"]);
}

#[test]
fn with_a_value_that_does_not_fit() {
    for options in
        ["crate = 3", "crate(a)", "check = |x| x", "check(f)", "check = f(1)", "check =", "bound = T", "crate = a + b"]
    {
        refuses(&on_type(options), &["this is not a valid value for `", "of `Pose`: write `"]);
    }
    for options in ["unsafe(as = 3)", "unsafe(as(A))", "unsafe(as =)", "unsafe(as = A B)"] {
        refuses(&on_field(options), &["this is not a valid value for `as` of `Pose.x`: write `unsafe(as = Type)`"]);
    }
    for options in ["word = 3", "word(A)", "word =", "word = A B"] {
        refuses(&on_field(options), &["this is not a valid value for `word` of `Pose.x`: write `word = Parity<u32>`"]);
    }
}

#[test]
fn with_a_string() {
    refuses(
        &on_type(r#"crate = "a::b""#),
        &["`crate` of `Pose` is not a string: write `crate = a::b`, without quotes"],
    );
    refuses(&on_type(r#"check = "f""#), &["write `check = f`, without quotes"]);
    refuses(&on_type(r#"bound = "T: A""#), &["`bound` of `Pose` is not a string: write `bound(T: A)`"]);
    refuses(&on_field(r#"unsafe(as = "A")"#), &["write `as = A`, without quotes"]);
    // What follows it is part of the mistake.
    refuses(&on_type(r#"crate = "a" "b" c"#), &["write `crate = a`, without quotes"]);
}

#[test]
fn skip_with_a_value() {
    for options in ["skip = true", "skip(all)", r#"skip = "x""#] {
        refuses(&on_field(options), &["`skip` of `Pose.x` has no value: write just `skip`"]);
    }
}

/// The parser remembers what is left in a group. It must neither panic for that nor say it twice.
#[test]
fn tokens_that_are_left_in_a_group() {
    refuses(&on_type("bound(T, U: A)"), &["`bound` of `Pose` does not parse (", "expected `:`"]);
    refuses(&on_type("bound((A, B B): C)"), &["`bound` of `Pose` does not parse ("]);
    refuses(&on_field("unsafe(as = (A, B B))"), &["write `unsafe(as = Type)`"]);
    for option in ["unsafe(as = [A; 3 4])", "with = [A A]", "with = (A A)"] {
        refuses(&on_field(option), &["unexpected token in an option of `Pose.x`: remove it"]);
    }
    // Another mistake, which may be why, is said alone.
    refuses(&on_field("default, unsafe(as = (A, B B))"), &["this is not a valid value for `as` of `Pose.x`"]);
    refuses(&on_field("3, with = [A A]"), &["expected an option of `Pose.x`: use `skip`, "]);
}

#[test]
fn bound_that_does_not_parse() {
    refuses(&on_type("bound(T)"), &["`bound` of `Pose` does not parse (", "expected `:`", "write `bound(T: SeqCopy)`"]);
}

#[test]
fn as_without_unsafe() {
    refuses(
        &on_field("as = [i64; 2]"),
        &["`Pose.x` needs your word", "`Foreign` is laid out like `[i64; 2]`", "write `unsafe(as = [i64; 2])`"],
    );
}

#[test]
fn unsafe_for_nothing() {
    refuses(&on_field("unsafe(skip)"), &["`skip` of `Pose.x` promises nothing: write `skip`, without `unsafe`"]);
    refuses(&on_type("unsafe(crate = ::a)"), &["`crate` of `Pose` promises nothing"]);
    refuses(&on_type("unsafe(bound(T: A))"), &["`bound` of `Pose` promises nothing"]);
}

#[test]
fn unsafe_around_anything_else() {
    refuses(&on_field("unsafe"), &["`unsafe` goes around one option of `Pose.x`: write `unsafe(as = Type)`"]);
    refuses(&on_field("unsafe()"), &["`unsafe` goes around one option"]);
    refuses(&on_field("unsafe = 3"), &["`unsafe` goes around one option"]);
    refuses(&on_type("unsafe"), &["write `unsafe(check = path)`, `unsafe(remote = path::Type)` or `unsafe(plain)`"]);
    refuses(
        &on_type("unsafe(check = f, check = g)"),
        &["`unsafe` goes around one option of `Pose`: write `unsafe(check = path)`"],
    );
    refuses(&on_field("unsafe(unsafe(as = A))"), &["unknown option `unsafe` of `Pose.x`"]);
    accepts(&on_field("unsafe(as = A,),"));
}

#[test]
fn defaults() {
    accepts("#[repr(C)] struct S { #[seqcopy(default)] a: u8, #[seqcopy(default = path::of::<7>)] b: u8 }");
    accepts("#[repr(u8)] enum E { A { #[seqcopy(default)] a: u8 } }");
    accepts("#[repr(C)] struct S { #[seqcopy(default, with = L)] a: A, #[seqcopy(unsafe(as = B), default = f)] b: A }");
    refuses(&on_field("default = 5"), &["this is not a valid value for `default` of `Pose.x`", "path::to::function"]);
    refuses(&on_field(r#"default = "f""#), &["`default` of `Pose.x` is not a string: write `default = f`"]);
    refuses(&on_field("unsafe(default)"), &["`default` of `Pose.x` promises nothing"]);
    refuses(
        &on_field("skip, default"),
        &["`Pose.x` has no value that a reader could miss: remove `skip` or `default`"],
    );
    refuses(&on_field("default, default = f"), &["`default` is given twice for `Pose.x`"]);
    refuses(&on_type("default"), &["`default` belongs on a field, not on the type `Pose`"]);
}

#[test]
fn skip_and_as() {
    refuses(
        &on_field("skip, unsafe(as = A)"),
        &["`Pose.x` is either left out or copied as another type", "remove `skip` or `as`"],
    );
}

#[test]
fn words() {
    refuses(&on_field("word"), &["`word` of `Pose.x` lacks its value: write `word = Parity<u32>`"]);
    refuses(&on_field(r#"word = "A""#), &["write `word = A`, without quotes"]);
    refuses(&on_field("unsafe(word = A)"), &["`word` of `Pose.x` promises nothing: write `word = Parity<u32>`"]);
    refuses(&on_field("word = A, word = B"), &["`word` is given twice for `Pose.x`"]);
    refuses(&on_type("word = A"), &["`word` belongs on a field, not on the type `Pose`"]);
    refuses(
        &on_field("word = A, unsafe(as = B)"),
        &["`Pose.x` is either left out or copied as another type: remove `word` or `as`"],
    );
    refuses(
        "#[repr(C)] struct Pose { #[seqcopy(word = A)] a: M, #[seqcopy(word = A)] b: M }",
        &["`Pose` has a sequence word already", "`skip` the other field"],
    );
    refuses(
        "#[repr(u8)] enum Mode { A { #[seqcopy(word = A)] x: M } }",
        &["`Mode::A` has no fixed place for a sequence word", "a struct around the enum"],
    );
}

#[test]
fn without_parentheses() {
    refuses(
        "#[repr(C)] #[seqcopy] struct Pose;",
        &["`seqcopy` on `Pose` needs options in parentheses", "`crate = path`"],
    );
    refuses(
        r#"#[repr(C)] struct Pose { #[seqcopy = "skip"] x: u8 }"#,
        &["`seqcopy` on `Pose.x` needs options in parentheses"],
    );
}

#[test]
fn something_else_than_an_option() {
    refuses(&on_type("3"), &["expected an option of `Pose`: use `crate = path`"]);
    refuses(&on_field(r#""skip""#), &["expected an option of `Pose.x`: use `skip`, "]);
}

#[test]
fn without_a_comma() {
    refuses(&on_type("bound(T: A) check = f"), &["add a comma before the next option of `Pose`"]);
    refuses(&on_field("unsafe(as = A) skip"), &["add a comma before the next option of `Pose.x`"]);
}

#[test]
fn raw_words_are_the_same_words() {
    accepts("#[repr(C)] #[r#seqcopy(r#check = f)] struct S { #[seqcopy(r#skip)] x: M }");
    refuses("#[repr(C)] #[r#seqcopy(r#chek = f)] struct S;", &["`chek`"]);
}

/// Only `seqcopy` and `repr` themselves are looked into: a path that ends with one of them is another crate's
/// attribute.
#[test]
fn attributes_of_others_are_theirs() {
    for attribute in ["other::seqcopy(3)", "seqcopy::other(3)", "seqcopying(3)", "rustfmt::skip", "doc = \"seqcopy\""] {
        accepts(&format!("#[{attribute}] #[repr(C)] struct S {{ #[{attribute}] x: u8 }}"));
    }
    for attribute in ["other::repr(C)", "repr::other(C)", "represent(C)"] {
        let text = compact(Derive::SeqCopy, &format!("#[{attribute}] struct S(u8);"));
        assert!(text.contains(r#""S",false,"#), "{attribute}: {text}");
    }
}

#[test]
fn parsing_goes_on_after_a_mistake() {
    let all = errors(Derive::SeqCopy, &on_type("3 + 4, chekc = |x| x, crate = , check = f g, skip = 1"));
    assert_eq!(all.len(), 5, "{all:#?}");
}

#[test]
fn types_are_shown_as_people_write_them() {
    for ty in [
        "Pair<i64, Vec<(u8, u16)>>",
        "<T as Trait>::Item",
        "fn(u8) -> u16",
        "for<'a> fn(&'a u8, *mut T) -> &'a u8",
        "unsafe extern \"C\" fn()",
        "[[u8; 2 + N]; 3]",
        "*const dyn Fn(&u8)",
        "::a::b::Type<'static, { N }>",
        "(u8,)",
        "()",
    ] {
        refuses(&on_field(&format!("as = {ty}")), &[&format!("like `{ty}`,")]);
    }
}
