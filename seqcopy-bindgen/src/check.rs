//! Validation as C: whether the bits of a private copy are valid.
//!
//! The rules of `derive(Validate)`, without a type's own `check`, which is not in the schema. C needs them as much as Rust does: a
//! `bool` that is neither 0 nor 1 is undefined behaviour there as well.

use std::collections::HashSet;
use std::fmt::Write;

use seqcopy::Layout;
use seqcopy::layout::{Field, Scalar, Shape, Variant, has_each_tag};

use crate::names::IS_VALID;
use crate::types::{Types, literal};

/// Writes a function for each named type that has a rule, the inner ones first.
pub(super) struct Checks<'t, 'n> {
    types: &'t Types<'n>,
    prefix: &'t str,
    done: HashSet<u64>,
    text: String,
}

/// The functions; the last one, `PREFIX_bits_are_valid`, checks the whole.
pub(super) fn functions(layout: &Layout, types: &Types<'_>, prefix: &str) -> String {
    let mut checks = Checks { types, prefix, done: HashSet::new(), text: String::new() };
    checks.inner(layout);
    let mut body = String::new();
    if layout.takes_any_bits() {
        body += "    (void)at; /* all bits are valid */\n";
    } else {
        checks.place(&mut body, layout, "at", 0, 0);
    }
    let _ = write!(
        checks.text,
        "static inline int {prefix}_bits_are_valid(const unsigned char *at)\n{{\n{body}    return 1;\n}}\n"
    );
    checks.text
}

/// The capacity of a `SeqStr` or `SeqVec`.
fn capacity(layout: &Layout) -> Option<usize> {
    layout.str_capacity().or(layout.vec_of().map(|(_, capacity)| capacity))
}

impl Checks<'_, '_> {
    /// The functions that a check of `layout` calls.
    fn inner(&mut self, layout: &Layout) {
        let mut fields = |fields: &[Field]| fields.iter().for_each(|field| self.named(field.layout()));
        match layout.shape() {
            Shape::Array { element, .. } => self.named(element),
            Shape::Struct { fields: own, .. } => fields(own),
            Shape::Enum { variants, .. } => variants.iter().for_each(|variant| fields(variant.fields())),
            _ => {}
        }
    }

    fn named(&mut self, layout: &Layout) {
        if layout.takes_any_bits() {
            return;
        }
        let Some(name) = self.types.name_of(layout) else {
            self.inner(layout);
            return;
        };
        if !self.done.insert(layout.fingerprint()) {
            return;
        }
        self.inner(layout);
        let mut body = String::new();
        self.contents(&mut body, layout, "at", 0, 0);
        let _ = write!(
            self.text,
            "static inline int {name}{IS_VALID}(const unsigned char *at)\n{{\n{body}    return 1;\n}}\n\n"
        );
    }

    /// Statements that return 0 if the bits at `at + offset` are invalid.
    fn place(&self, body: &mut String, layout: &Layout, at: &str, offset: usize, depth: usize) {
        if layout.takes_any_bits() {
            return;
        }
        if let (Some(name), true) = (self.types.name_of(layout), self.done.contains(&layout.fingerprint())) {
            let indent = "    ".repeat(depth + 1);
            let _ = writeln!(body, "{indent}if (!{name}{IS_VALID}({at} + {offset}))\n{indent}    return 0;");
            return;
        }
        self.contents(body, layout, at, offset, depth);
    }

    fn contents(&self, body: &mut String, layout: &Layout, at: &str, offset: usize, depth: usize) {
        let (indent, prefix, size) = ("    ".repeat(depth + 1), self.prefix, layout.size());
        let unless = |body: &mut String, condition: &str| {
            let _ = writeln!(body, "{indent}if ({condition})\n{indent}    return 0;");
        };
        match layout.shape() {
            Shape::Scalar(Scalar::Bool) => unless(body, &format!("{at}[{offset}] > 1")),
            Shape::Scalar(Scalar::Char) => unless(body, &format!("!{prefix}_is_char({at} + {offset})")),
            Shape::Scalar(_) | Shape::Pointer { .. } => {
                unless(body, &format!("{prefix}_is_zero({at} + {offset}, {size})"));
            }
            Shape::Array { element, len, .. } => {
                self.elements(body, element, len, at, offset, depth);
            }
            Shape::Struct { fields, .. } => {
                if let Some(capacity) = capacity(layout) {
                    // The length is the first field, at the start.
                    unless(body, &format!("{prefix}_length({at} + {offset}) > {capacity}"));
                }
                if let (Some(_), [_, text]) = (layout.str_capacity(), fields) {
                    let (start, len) = (offset + text.offset(), format!("{prefix}_length({at} + {offset})"));
                    unless(body, &format!("!{prefix}_is_utf8({at} + {start}, {len})"));
                }
                self.fields(body, fields, at, offset, depth);
            }
            Shape::Tags { signed, variants, .. } => {
                self.switch(body, signed, size, variants, None, at, offset, depth);
            }
            Shape::Enum { tag, payload, variants, .. } => {
                let signed = matches!(tag.shape(), Shape::Scalar(Scalar::Signed));
                self.switch(body, signed, tag.size(), variants, Some(offset + payload), at, offset, depth);
            }
            _ => {}
        }
    }

    fn elements(&self, body: &mut String, element: &Layout, count: usize, at: &str, offset: usize, depth: usize) {
        let (indent, i, inner) = ("    ".repeat(depth + 1), format!("i{depth}"), format!("at{}", depth + 1));
        let _ = writeln!(
            body,
            "{indent}for (size_t {i} = 0; {i} < {count}; {i}++) {{\n\
             {indent}    const unsigned char *{inner} = {at} + {offset} + {i} * {};",
            element.size()
        );
        self.place(body, element, &inner, 0, depth + 1);
        let _ = writeln!(body, "{indent}}}");
    }

    fn fields(&self, body: &mut String, fields: &[Field], at: &str, start: usize, depth: usize) {
        for field in fields {
            self.place(body, field.layout(), at, start + field.offset(), depth);
        }
    }

    /// One case for each variant, with its fields from `payload` on.
    #[allow(clippy::too_many_arguments)] // all about one enum
    fn switch(
        &self,
        body: &mut String,
        signed: bool,
        size: usize,
        variants: &[Variant],
        payload: Option<usize>,
        at: &str,
        offset: usize,
        depth: usize,
    ) {
        let indent = "    ".repeat(depth + 1);
        let kind = format!("{}int{}_t", if signed { "" } else { "u" }, 8 * size);
        let _ = writeln!(
            body,
            "{indent}{{\n{indent}    {kind} tag;\n{indent}    memcpy(&tag, {at} + {offset}, sizeof tag);\n\
             {indent}    switch (tag) {{"
        );
        for variant in variants {
            let _ = writeln!(body, "{indent}    case {}:", literal(variant.value(), size, signed));
            let has_rules = variant.fields().iter().any(|field| !field.layout().takes_any_bits());
            if let (Some(payload), true) = (payload, has_rules) {
                self.fields(body, variant.fields(), at, payload, depth + 2);
                let _ = writeln!(body, "{indent}        break;");
            } else if payload.is_some() {
                let _ = writeln!(body, "{indent}        break;");
            }
        }
        if payload.is_none() {
            let _ = writeln!(body, "{indent}        break;");
        }
        if !has_each_tag(size, variants) {
            let _ = writeln!(body, "{indent}    default:\n{indent}        return 0;");
        }
        let _ = writeln!(body, "{indent}    }}\n{indent}}}");
    }
}
