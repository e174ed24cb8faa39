//! The types of a schema as C declarations.
//!
//! Where the C compiler's layout of the fields is that of the schema, a struct has just its fields. Where it is not
//! (`packed`, `align`, a zero-size array that raises the alignment), the struct is packed and has members for its
//! padding. In both cases static assertions compare sizes, alignments and offsets.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write;

use seqcopy::Layout;
use seqcopy::layout::{Field, Scalar, Shape, Variant};

use crate::identifiers::{constant, identifier};
use crate::names::{Members, Names};

/// Declares types, the inner ones first.
pub(super) struct Types<'n> {
    names: &'n mut Names,
    /// Names of the types declared so far, by their fingerprints.
    declared: HashMap<u64, String>,
    /// The declarations.
    text: String,
    /// The names of members and variants. Where the header is included, each could be the name of a macro.
    members: BTreeSet<String>,
    /// Conditions under which a struct of the program has the layout of the type, each with its message.
    same: Vec<String>,
}

/// A member of a struct, at its offset.
struct Slot {
    name: String,
    /// `uint32_t`, and `[4][2]` after the name.
    kind: String,
    dimensions: String,
    offset: usize,
    size: usize,
    /// The alignment that the C compiler gives it.
    align: usize,
    note: String,
}

/// How C sees a type.
#[derive(Clone)]
struct Member {
    kind: String,
    dimensions: String,
    align: usize,
    note: String,
}

impl Member {
    fn new(kind: impl Into<String>, align: usize, note: &str) -> Self {
        Member { kind: kind.into(), dimensions: String::new(), align, note: note.to_owned() }
    }

    /// Bytes that C has no type for. Their alignment is not the type's, so a struct with such a member has members for
    /// its padding.
    fn bytes(len: usize, note: &str) -> Self {
        Member { dimensions: format!("[{len}]"), ..Member::new("uint8_t", 1, note) }
    }
}

impl<'n> Types<'n> {
    pub(super) fn new(names: &'n mut Names) -> Self {
        Types { names, declared: HashMap::new(), text: String::new(), members: BTreeSet::new(), same: Vec::new() }
    }

    /// The declarations. Around them a macro of the program that is called like a member is taken away and put back: no
    /// other code of the header names a member.
    pub(super) fn text(&self) -> String {
        let (mut before, mut after) = (String::new(), String::new());
        for name in &self.members {
            let _ = writeln!(before, "#pragma push_macro(\"{name}\")\n#undef {name}");
            let _ = writeln!(after, "#pragma pop_macro(\"{name}\")");
        }
        format!("{before}\n{}{after}", self.text)
    }

    /// Assertions that a struct `STRUCT` of the program has the members of the type, at the same offsets, as lines of a macro.
    pub(super) fn same(&self) -> String {
        self.same.iter().fold(String::new(), |text, line| text + "    " + line + "; \\\n")
    }

    /// Declares the type of a region by the name `prefix`.
    pub(super) fn root(&mut self, layout: &Layout) {
        if let Shape::Struct { .. } | Shape::Tags { .. } | Shape::Enum { .. } = layout.shape() {
            self.named(layout, &self.names.prefix.clone());
            return;
        }
        // Arrays and numbers have no name of their own.
        let member = self.member(layout);
        let slot = slot("value", member, 0, layout.size());
        let name = self.names.prefix.clone();
        self.structure(&name, layout, &[slot]);
    }

    /// The name of a struct's or an enum's C type, if it has been declared.
    pub(super) fn name_of(&self, layout: &Layout) -> Option<&str> {
        self.declared.get(&layout.fingerprint()).map(String::as_str)
    }

    fn named(&mut self, layout: &Layout, name: &str) {
        self.declared.insert(layout.fingerprint(), name.to_owned());
        match layout.shape() {
            Shape::Struct { fields, .. } => {
                let slots = self.slots(fields, Vec::new());
                self.structure(name, layout, &slots);
            }
            Shape::Tags { signed, variants, .. } => self.tags(name, layout, signed, variants),
            Shape::Enum { tag, payload, variants, .. } => self.enumeration(name, layout, tag, payload, variants),
            _ => {}
        }
    }

    /// How a member of this type is declared. Declares the types that it needs.
    fn member(&mut self, layout: &Layout) -> Member {
        match (layout.shape(), layout.size()) {
            (Shape::Array { element, len, .. }, _) => {
                let inner = self.member(element);
                Member { dimensions: format!("[{len}]{}", inner.dimensions), ..inner }
            }
            (Shape::Struct { .. } | Shape::Tags { .. } | Shape::Enum { .. }, _) => {
                let name = if let Some(name) = self.name_of(layout) {
                    name.to_owned()
                } else {
                    let wanted = format!("{}_{}", self.names.prefix, identifier(&mangled(layout)));
                    let name = self.names.kind(&wanted);
                    self.named(layout, &name);
                    name
                };
                Member::new(name, layout.align(), "")
            }
            (Shape::Scalar(kind), size) => self.scalar(kind, size, layout.align()),
            (Shape::Pointer { .. }, _) => Member::new("uintptr_t", layout.align(), "an address in another process"),
            (Shape::Skipped, size) => Member::bytes(size, "not read"),
            (_, size) => Member::bytes(size, ""),
        }
    }

    fn scalar(&mut self, kind: Scalar, size: usize, align: usize) -> Member {
        let is_signed = matches!(kind, Scalar::Signed | Scalar::NonZeroSigned | Scalar::OptionNonZeroSigned);
        let note = match kind {
            Scalar::NonZeroSigned | Scalar::NonZeroUnsigned => "never 0",
            Scalar::OptionNonZeroSigned | Scalar::OptionNonZeroUnsigned => "0: none",
            Scalar::Char => "a Unicode scalar value",
            _ => "",
        };
        match (kind, size) {
            (Scalar::Float, 4) => Member::new("float", align, note),
            (Scalar::Float, 8) => Member::new("double", align, note),
            (Scalar::Float, _) => Member::bytes(size, "a float that C has no name for"),
            (Scalar::Bool, _) => Member::new("bool", align, note),
            (_, 16) => Member::new(self.wide(is_signed, align), align, note),
            _ => Member::new(format!("{}int{}_t", if is_signed { "" } else { "u" }, 8 * size), align, note),
        }
    }

    /// 128 bits, which C has no portable type for.
    fn wide(&mut self, is_signed: bool, align: usize) -> String {
        let (letter, high) = if is_signed { ('i', "int64_t high") } else { ('u', "uint64_t high") };
        // A key that no fingerprint has, in all likelihood.
        let key = u64::from(is_signed);
        if let Some(name) = self.declared.get(&key) {
            return name.clone();
        }
        let name = self.names.kind(&format!("{}_{letter}128", self.names.prefix));
        let (first, second) =
            if cfg!(target_endian = "little") { ("uint64_t low", high) } else { (high, "uint64_t low") };
        let _ = writeln!(
            self.text,
            "typedef struct __attribute__((__aligned__({align}))) {name} {{\n    {first};\n    {second};\n}} {name};\n\
             static_assert(sizeof({name}) == 16, \"{name}: size\");\n\
             static_assert(alignof({name}) == {align}, \"{name}: alignment\");\n"
        );
        self.members.extend(["high", "low"].map(str::to_owned));
        self.declared.insert(key, name.clone());
        name
    }

    /// Members for all fields that have bytes, in the order of memory, after those in `before`.
    fn slots(&mut self, fields: &[Field], before: Vec<Slot>) -> Vec<Slot> {
        let fields: Vec<&Field> = fields.iter().filter(|field| field.layout().size() > 0).collect();
        // This declares types, whose names the members must not have.
        let kinds: Vec<Member> = fields.iter().map(|field| self.member(field.layout())).collect();
        let mut local = self.names.members();
        for slot in &before {
            local.fresh(&slot.name);
        }
        let mut slots = before;
        for (field, mut member) in fields.into_iter().zip(kinds) {
            let name = local.fresh(&identifier(field.name()));
            let notes = [renamed(field.name(), &name), member.note];
            member.note = notes.iter().filter(|note| !note.is_empty()).cloned().collect::<Vec<_>>().join("; ");
            slots.push(slot(&name, member, field.offset(), field.layout().size()));
        }
        slots.sort_by_key(|slot| slot.offset);
        slots
    }

    fn structure(&mut self, name: &str, layout: &Layout, slots: &[Slot]) {
        let total = (layout.size(), layout.align());
        let _ = writeln!(self.text, "/* `{}` */", layout.type_name());
        if natural(slots) == Some(total) {
            let _ = writeln!(self.text, "typedef struct {name} {{");
            self.declare(slots);
        } else {
            let _ =
                writeln!(self.text, "typedef struct __attribute__((__packed__, __aligned__({}))) {name} {{", total.1);
            self.declare(&padded(slots, total.0, self.names.members()));
        }
        let _ = writeln!(self.text, "}} {name};");
        self.assert(name, total, slots);
        if name == self.names.prefix {
            let upper = &self.names.upper;
            for Slot { name: field, offset, size, .. } in slots {
                let at = format!("offsetof(STRUCT, {field}) == {offset}");
                let of_size = format!("{upper}_SIZEOF(STRUCT, {field}) == {size}");
                self.same.extend(
                    [at, of_size].map(|it| format!("static_assert({it}, \"`\" #STRUCT \".{field}` differs\")")),
                );
            }
        }
    }

    fn declare(&mut self, slots: &[Slot]) {
        for Slot { name, kind, dimensions, note, .. } in slots {
            // The fields of tuples, `_0`, are macros of no program, and neither is padding.
            let is_number = name.strip_prefix('_').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
            if !is_number && !name.starts_with("padding_at_") {
                self.members.insert(name.clone());
            }
            let note = if note.is_empty() { String::new() } else { format!(" /* {note} */") };
            let _ = writeln!(self.text, "    {kind} {name}{dimensions};{note}");
        }
    }

    fn assert(&mut self, name: &str, (size, align): (usize, usize), slots: &[Slot]) {
        let _ = writeln!(
            self.text,
            "static_assert(sizeof({name}) == {size}, \"{name}: size\");\n\
             static_assert(alignof({name}) == {align}, \"{name}: alignment\");"
        );
        for Slot { name: field, offset, .. } in slots {
            let _ = writeln!(self.text, "static_assert(offsetof({name}, {field}) == {offset}, \"{name}.{field}\");");
        }
        self.text.push('\n');
    }

    fn tags(&mut self, name: &str, layout: &Layout, signed: bool, variants: &[Variant]) {
        let kind = format!("{}int{}_t", if signed { "" } else { "u" }, 8 * layout.size());
        let _ = writeln!(self.text, "/* `{}` */", layout.name());
        let mut local = self.names.members();
        let mut of_cpp = format!("enum class {name} : {kind} {{\n");
        for variant in variants {
            let variant_name = local.fresh(&identifier(variant.name()));
            let note = renamed(variant.name(), &variant_name);
            let note = if note.is_empty() { note } else { format!(" /* {note} */") };
            let _ = writeln!(of_cpp, "    {variant_name} = {},{note}", literal(variant.value(), layout.size(), signed));
            self.members.insert(variant_name);
        }
        let _ = writeln!(self.text, "#ifdef __cplusplus\n{of_cpp}}};\n#else\ntypedef {kind} {name};\n#endif");
        self.constants(name, name, layout.size(), signed, variants);
        self.text.push('\n');
    }

    /// Names for the tags, of C type `kind`.
    fn constants(&mut self, name: &str, kind: &str, size: usize, signed: bool, variants: &[Variant]) {
        for variant in variants {
            let wanted = format!("{}_TAG_{}", constant(name), constant(&identifier(variant.name())));
            let constant = self.names.constant(&wanted);
            let note = if constant == wanted { String::new() } else { format!(" /* `{}` */", variant.name()) };
            let value = literal(variant.value(), size, signed);
            let _ = writeln!(self.text, "#define {constant} SEQCOPY_CONSTANT({kind}, {value}){note}");
        }
    }

    /// An enum with fields: a tag and a union of structs, or, for `repr(int)`, a union of structs that begin with
    /// the tag.
    fn enumeration(&mut self, name: &str, layout: &Layout, tag: &Layout, payload: usize, variants: &[Variant]) {
        let is_inside = payload == 0;
        let tag_member = self.member(tag);
        let mut parts = Vec::new();
        for variant in variants {
            let before = if is_inside { vec![slot("tag", tag_member.clone(), 0, tag.size())] } else { Vec::new() };
            let own = before.len();
            let slots = self.slots(variant.fields(), before);
            if slots.len() > own {
                let kind = self.names.kind(&format!("{name}_{}", identifier(variant.name())));
                let (size, align) = self.part(&kind, layout, variant, &slots);
                parts.push((variant.name(), Member::new(kind, align, ""), size));
            }
        }
        let mut local = self.names.members();
        local.fresh("tag");
        let mut parts: Vec<Slot> = parts
            .into_iter()
            .map(|(variant, mut member, size)| {
                let name = local.fresh(&identifier(variant));
                member.note = renamed(variant, &name);
                slot(&name, member, 0, size)
            })
            .collect();
        let signed = matches!(tag.shape(), Shape::Scalar(Scalar::Signed));
        self.constants(name, &tag_member.kind, tag.size(), signed, variants);
        let tag_slot = slot("tag", tag_member, 0, tag.size());
        if is_inside {
            parts.insert(0, tag_slot);
            self.union(name, &format!("`{}`: the tag names the member", layout.type_name()), &parts, Some(layout));
            self.assert(name, (layout.size(), layout.align()), &parts);
            return;
        }
        let mut slots = vec![tag_slot];
        if !parts.is_empty() {
            let kind = self.names.kind(&format!("{name}_payload"));
            let (size, align) = self.union(&kind, &format!("the fields of `{}`", layout.type_name()), &parts, None);
            self.text.push('\n');
            slots.push(slot("payload", Member::new(kind, align, ""), payload, size));
        }
        self.structure(name, layout, &slots);
    }

    /// The struct of a variant's fields; its size and alignment.
    fn part(&mut self, name: &str, layout: &Layout, variant: &Variant, slots: &[Slot]) -> (usize, usize) {
        let _ = writeln!(self.text, "/* `{}::{}` */", layout.type_name(), variant.name());
        let total = if let Some(total) = natural(slots) {
            let _ = writeln!(self.text, "typedef struct {name} {{");
            self.declare(slots);
            total
        } else {
            // The type that contains it aligns it.
            let end = slots.iter().map(|slot| slot.offset + slot.size).max().unwrap_or(0);
            let _ = writeln!(self.text, "typedef struct __attribute__((__packed__)) {name} {{");
            self.declare(&padded(slots, end, self.names.members()));
            (end, 1)
        };
        let _ = writeln!(self.text, "}} {name};");
        self.assert(name, total, slots);
        total
    }

    /// A union; if a layout is given, exactly of its size and alignment.
    fn union(&mut self, name: &str, comment: &str, parts: &[Slot], exact: Option<&Layout>) -> (usize, usize) {
        let align = parts.iter().map(|part| part.align).max().unwrap_or(1);
        let size = parts.iter().map(|part| part.size).max().unwrap_or(0).next_multiple_of(align);
        let _ = writeln!(self.text, "/* {comment} */");
        let other = exact.filter(|layout| (layout.size(), layout.align()) != (size, align));
        match other {
            None => {
                let _ = writeln!(self.text, "typedef union {name} {{");
                self.declare(parts);
            }
            Some(layout) => {
                let _ = writeln!(self.text, "typedef union __attribute__((__aligned__({}))) {name} {{", layout.align());
                self.declare(parts);
                let _ = writeln!(self.text, "    uint8_t all_bytes[{}];", layout.size());
                self.members.insert("all_bytes".to_owned());
            }
        }
        let _ = writeln!(self.text, "}} {name};");
        (size, align)
    }
}

fn slot(name: &str, member: Member, offset: usize, size: usize) -> Slot {
    let Member { kind, dimensions, align, note } = member;
    Slot { name: name.to_owned(), kind, dimensions, offset, size, align, note }
}

/// The note on a member that could not have its field's name. The fields of tuples, `_0`, `_1`, need no note.
fn renamed(own: &str, name: &str) -> String {
    if name == own || name.strip_prefix('_') == Some(own) { String::new() } else { format!("`{own}` in Rust") }
}

/// Size and alignment that C gives a struct of these members, if it places them where they are.
fn natural(slots: &[Slot]) -> Option<(usize, usize)> {
    let (mut end, mut align) = (0usize, 1);
    for slot in slots {
        if end.next_multiple_of(slot.align) != slot.offset {
            return None;
        }
        end = slot.offset + slot.size;
        align = align.max(slot.align);
    }
    (end > 0).then(|| (end.next_multiple_of(align), align))
}

/// The members, with all padding between and after them up to `size`.
fn padded(slots: &[Slot], size: usize, mut local: Members<'_>) -> Vec<Slot> {
    for slot in slots {
        local.fresh(&slot.name);
    }
    let mut padded = Vec::new();
    let mut reached = 0;
    let mut pad = |from: usize, to: usize, padded: &mut Vec<Slot>| {
        if to > from {
            let name = local.fresh(&format!("padding_at_{from}"));
            padded.push(slot(&name, Member::bytes(to - from, ""), from, to - from));
        }
    };
    for Slot { name, kind, dimensions, offset, size, align, note } in slots {
        pad(reached, *offset, &mut padded);
        let (name, kind, dimensions, note) = (name.clone(), kind.clone(), dimensions.clone(), note.clone());
        padded.push(Slot { name, kind, dimensions, offset: *offset, size: *size, align: *align, note });
        reached = offset + size;
    }
    pad(reached, size, &mut padded);
    padded
}

/// The type's name with its parameters: options of several types are common.
fn mangled(layout: &Layout) -> String {
    let name = layout.type_name().to_string();
    name.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect::<String>().trim_end_matches('_').to_owned()
}

/// A tag's value as a literal.
pub(super) fn literal(value: i128, size: usize, signed: bool) -> String {
    match (size, signed) {
        (8, false) => format!("UINT64_C({value})"),
        // The lowest has no literal: it would be a minus before a number that is too large.
        (8, true) if value == i128::from(i64::MIN) => "(-INT64_C(9223372036854775807) - 1)".to_owned(),
        (8, true) => format!("INT64_C({value})"),
        (4, false) => format!("UINT32_C({value})"),
        (4, true) if value == i128::from(i32::MIN) => "(-INT32_C(2147483647) - 1)".to_owned(),
        _ => value.to_string(),
    }
}
