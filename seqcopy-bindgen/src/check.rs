//! Validation as C: whether the bits of a private copy are valid.
//!
//! The rules of `derive(Validate)`, without a type's own `check`, which is not in the schema. C needs them as much as
//! Rust does: a `bool` that is neither 0 nor 1 is undefined behaviour there as well. `seqcopy-cli/tests/cli/rules.rs`
//! holds them against `derive(Validate)`, by compiled programs.

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
        "static inline int {prefix}_bits_are_valid(const unsigned char *at, int to_write)\n{{\n    (void)to_write;\n{body}    return 1;\n}}\n"
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
        self.contents(&mut body, layout);
        let _ = write!(
            self.text,
            "static inline int {name}{IS_VALID}(const unsigned char *at, int to_write)\n{{\n    (void)to_write;\n{body}    return 1;\n}}\n\n"
        );
    }

    /// Statements that return 0 if the bits at `at + offset` are invalid: a call, if the type has a function.
    fn place(&self, body: &mut String, layout: &Layout, at: &str, offset: usize, depth: usize) {
        let (indent, prefix) = ("    ".repeat(depth + 1), self.prefix);
        let unless = |condition: &str| format!("{indent}if ({condition})\n{indent}    return 0;\n");
        match layout.shape() {
            _ if layout.takes_any_bits() => {}
            Shape::Scalar(Scalar::Bool) => *body += &unless(&format!("{at}[{offset}] > 1")),
            Shape::Scalar(Scalar::Char) => *body += &unless(&format!("!{prefix}_is_char({at} + {offset})")),
            Shape::Scalar(_) | Shape::Pointer { .. } => {
                *body += &unless(&format!("{prefix}_is_zero({at} + {offset}, {})", layout.size()));
            }
            Shape::Array { element, len, .. } => self.elements(body, element, len, at, offset, depth),
            _ => match self.types.name_of(layout) {
                Some(name) if self.done.contains(&layout.fingerprint()) => {
                    *body += &unless(&format!("!{name}{IS_VALID}({at} + {offset}, to_write)"));
                }
                _ => self.contents(body, layout),
            },
        }
    }

    /// Such statements for all of a struct or an enum, in the function of that type.
    fn contents(&self, body: &mut String, layout: &Layout) {
        match layout.shape() {
            Shape::Struct { fields, .. } => {
                // The length is the first field, at the start.
                let (length, prefix) = (format!("{}_length(at)", self.prefix), self.prefix);
                if let Some(capacity) = capacity(layout) {
                    let _ = writeln!(body, "    if ({length} > {capacity})\n        return 0;");
                }
                if let (Some(_), [_, text]) = (layout.str_capacity(), fields) {
                    let (start, size) = (text.offset(), text.layout().size());
                    let _ = writeln!(
                        body,
                        "    if (!{prefix}_is_utf8(at + {start}, {length}))\n        return 0;\n    \
                         if (to_write && !{prefix}_is_zero(at + {start} + {length}, {size} - {length}))\n        return 0;"
                    );
                }
                self.fields(body, fields, 0, 0);
            }
            Shape::Tags { signed, variants, .. } => self.switch(body, signed, layout.size(), variants, None),
            Shape::Enum { tag, payload, variants, .. } => {
                let signed = matches!(tag.shape(), Shape::Scalar(Scalar::Signed));
                self.switch(body, signed, tag.size(), variants, Some(payload));
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

    fn fields(&self, body: &mut String, fields: &[Field], start: usize, depth: usize) {
        for field in fields {
            self.place(body, field.layout(), "at", start + field.offset(), depth);
        }
    }

    /// One case for each variant, with its fields from `payload` on.
    fn switch(&self, body: &mut String, signed: bool, size: usize, variants: &[Variant], payload: Option<usize>) {
        let kind = format!("{}int{}_t", if signed { "" } else { "u" }, 8 * size);
        let _ = writeln!(
            body,
            "    {{\n        {kind} tag;\n        memcpy(&tag, at, sizeof tag);\n        switch (tag) {{"
        );
        for variant in variants {
            let _ = writeln!(body, "        case {}:", literal(variant.value(), size, signed));
            if let Some(payload) = payload {
                self.fields(body, variant.fields(), payload, 2);
                *body += "            break;\n";
            }
        }
        if payload.is_none() {
            *body += "            break;\n";
        }
        if !has_each_tag(size, variants) {
            *body += "        default:\n            return 0;\n";
        }
        *body += "        }\n    }\n";
    }
}
