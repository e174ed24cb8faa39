//! The crates that are compiled.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// The number of structs, and of fields in each.
pub(crate) struct Shape {
    pub(crate) name: &'static str,
    pub(crate) structs: u32,
    fields: usize,
    /// The types of fields, with their first values; longer structs repeat them. `{T}` is the struct.
    types: &'static [(&'static str, &'static str)],
    /// Items for struct `{T}`, which derive `{derives}`.
    items: &'static str,
    /// Whether every byte is data, so that all derives take it.
    is_dense: bool,
}

pub(crate) const SHAPES: [Shape; 4] = [
    Shape { name: "narrow", structs: 100, fields: 9, types: &DENSE, items: "", is_dense: true },
    Shape { name: "wide", structs: 10, fields: 100, types: &DENSE, items: "", is_dense: true },
    Shape { name: "padded", structs: 100, fields: 9, types: &PADDED, items: "", is_dense: false },
    Shape {
        name: "enum",
        structs: 100,
        fields: 4,
        types: &[("u64", "0"), ("E{T}", "E{T}::A"), ("u32", "0"), ("Option<&'static u8>", "None")],
        items: "#[derive({derives})]\n#[repr(u8)]\npub enum E{T} { A, B { code: u32, down: bool }, C(f64, f64) }\n",
        is_dense: false,
    },
];

/// Nine fields without padding, since some derives refuse it.
const DENSE: [(&str, &str); 9] = [
    ("u64", "0"),
    ("f64", "0.0"),
    ("u32", "0"),
    ("f32", "0.0"),
    ("i64", "0"),
    ("u16", "0"),
    ("u16", "0"),
    ("u32", "0"),
    ("u64", "0"),
];

/// Nine with padding, and a pointer.
const PADDED: [(&str, &str); 9] = [
    ("u8", "0"),
    ("u64", "0"),
    ("u32", "0"),
    ("u16", "0"),
    ("[u16; 5]", "[0; 5]"),
    ("bool", "false"),
    ("f32", "0.0"),
    ("Option<&'static u8>", "None"),
    ("u64", "0"),
];

/// What the crate does with its structs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    Derive,
    Use,
}

impl Extent {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Extent::Derive => "derive",
            Extent::Use => "use",
        }
    }
}

/// A derive, and how it is used.
pub(crate) struct Derive {
    pub(crate) name: &'static str,
    /// Lines of `[dependencies]`; `{root}` is this workspace.
    dependencies: &'static str,
    /// After `Clone, Copy`.
    derives: &'static str,
    /// The same, in addition, where the values are used.
    derives_for_use: &'static str,
    /// At the top of the crate.
    imports: &'static str,
    /// Items for struct `{T}` with a value `{value}`.
    uses: &'static str,
}

/// The baseline of the comparison: `Clone` and `Copy`, and plain copies.
pub(crate) const NOTHING: &str = "nothing";

/// The versions are exact, so that figures of different days can be compared.
pub(crate) const DERIVES: [Derive; 7] = [
    Derive {
        name: "seqcopy",
        dependencies: "seqcopy = { path = \"{root}/seqcopy\" }",
        derives: "seqcopy::SeqCopy, seqcopy::Validate",
        derives_for_use: "",
        imports: "use seqcopy::{AtomicPerByte, InvalidValue, MaybeInvalid};",
        uses: "\
pub static CELL_{T}: AtomicPerByte<{T}> = AtomicPerByte::new({value});
pub fn load_{T}() -> MaybeInvalid<{T}> { CELL_{T}.load() }
pub fn store_{T}(value: &{T}) { CELL_{T}.store(value) }
pub fn check_{T}(bits: MaybeInvalid<{T}>) -> Result<{T}, InvalidValue> { bits.validate() }
",
    },
    Derive {
        name: "seqcopy-copy-only",
        dependencies: "seqcopy = { path = \"{root}/seqcopy\" }",
        derives: "seqcopy::SeqCopy",
        derives_for_use: "",
        imports: "use seqcopy::{AtomicPerByte, MaybeInvalid};",
        uses: "\
pub static CELL_{T}: AtomicPerByte<{T}> = AtomicPerByte::new({value});
pub fn load_{T}() -> MaybeInvalid<{T}> { CELL_{T}.load() }
pub fn store_{T}(value: &{T}) { CELL_{T}.store(value) }
",
    },
    Derive {
        name: "seqcopy-lock",
        dependencies: "seqcopy = { path = \"{root}/seqcopy\" }",
        derives: "seqcopy::SeqCopy",
        derives_for_use: "",
        imports: "use seqcopy::SeqLock;",
        uses: "\
pub static LOCK_{T}: SeqLock<{T}> = SeqLock::new({value});
pub fn read_{T}() -> {T} { LOCK_{T}.read() }
pub fn write_{T}(value: &{T}) { LOCK_{T}.write_from(value) }
",
    },
    Derive {
        name: NOTHING,
        dependencies: "",
        derives: "",
        derives_for_use: "",
        imports: "",
        uses: "\
pub static CELL_{T}: {T} = {value};
pub fn load_{T}(from: &{T}) -> {T} { *from }
pub fn store_{T}(to: &mut {T}, value: &{T}) { *to = *value }
",
    },
    Derive {
        name: "bytemuck",
        dependencies: "bytemuck = { version = \"=1.25.2\", features = [\"derive\"] }",
        derives: "bytemuck::NoUninit, bytemuck::AnyBitPattern",
        derives_for_use: "",
        imports: "",
        uses: "\
pub static CELL_{T}: {T} = {value};
pub fn load_{T}(from: &[u8]) -> {T} { bytemuck::pod_read_unaligned(from) }
pub fn store_{T}(to: &mut [u8], value: &{T}) { to.copy_from_slice(bytemuck::bytes_of(value)) }
pub fn check_{T}(from: &[u8]) -> Result<&{T}, bytemuck::PodCastError> { bytemuck::try_from_bytes(from) }
",
    },
    Derive {
        name: "zerocopy",
        dependencies: "zerocopy = { version = \"=0.8.63\", features = [\"derive\"] }",
        derives: "zerocopy::IntoBytes, zerocopy::TryFromBytes",
        derives_for_use: "zerocopy::Immutable, zerocopy::KnownLayout",
        imports: "use zerocopy::{IntoBytes, TryFromBytes};",
        uses: "\
pub static CELL_{T}: {T} = {value};
pub fn load_{T}(from: &[u8]) -> Option<{T}> { {T}::try_read_from_bytes(from).ok() }
pub fn store_{T}(to: &mut [u8], value: &{T}) { to.copy_from_slice(value.as_bytes()) }
pub fn check_{T}(from: &[u8]) -> Option<&{T}> { {T}::try_ref_from_bytes(from).ok() }
",
    },
    // iceoryx2 has no check, and no `const` constructor.
    Derive {
        name: "iceoryx2",
        dependencies: "\
iceoryx2-bb-container = \"=0.10.0\"
iceoryx2-bb-derive-macros = \"=0.10.0\"
iceoryx2-bb-elementary-traits = \"=0.10.0\"",
        derives: "iceoryx2_bb_derive_macros::AtomicCopy",
        derives_for_use: "",
        imports: "\
use iceoryx2_bb_container::byte_atomic::{FixedSizeByteAtomic, MaybeTorn};
use iceoryx2_bb_elementary_traits::atomic_copy::AtomicCopy;",
        uses: "\
pub type Cell{T} = FixedSizeByteAtomic<{T}, { size_of::<{T}>() }>;
pub fn new_{T}() -> Cell{T} { Cell{T}::new({value}) }
pub fn load_{T}(from: &Cell{T}) -> MaybeTorn<{T}> { from.read() }
pub fn store_{T}(to: &Cell{T}, value: &{T}) { to.write(*value) }
",
    },
];

impl Derive {
    /// Whether it takes structs of that shape.
    pub(crate) fn takes(&self, shape: &Shape) -> bool {
        // A check of them is another question: one of the fields is a pointer.
        shape.is_dense || ["seqcopy-copy-only", "seqcopy-lock", NOTHING].contains(&self.name)
    }
}

pub(crate) fn package(derive: &Derive, shape: &Shape, extent: Extent) -> String {
    format!("{}-{}-{}", derive.name, shape.name, extent.name())
}

/// Writes all crates as one workspace, with the versions of this workspace's `Cargo.lock` where they share
/// dependencies.
pub(crate) fn workspace(dir: &Path, root: &Path) -> Result<(), String> {
    let mut members = Vec::new();
    for derive in &DERIVES {
        for shape in SHAPES.iter().filter(|shape| derive.takes(shape)) {
            for extent in [Extent::Derive, Extent::Use] {
                let package = package(derive, shape, extent);
                let dependencies = derive.dependencies.replace("{root}", &root.display().to_string());
                let manifest = format!(
                    "[package]\nname = \"{package}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n{dependencies}\n"
                );
                write(&dir.join(&package).join("Cargo.toml"), &manifest)?;
                write(&dir.join(&package).join("src/lib.rs"), &source(derive, shape, extent))?;
                members.push(format!("\"{package}\""));
            }
        }
    }
    write(&dir.join("Cargo.toml"), &format!("[workspace]\nresolver = \"3\"\nmembers = [{}]\n", members.join(", ")))?;
    let lock = dir.join("Cargo.lock");
    if !lock.exists() {
        fs::copy(root.join("Cargo.lock"), &lock).map_err(|error| format!("{}: {error}", lock.display()))?;
    }
    Ok(())
}

/// Does not touch files whose content is right already: cargo would compile them again.
fn write(path: &Path, text: &str) -> Result<(), String> {
    if fs::read_to_string(path).ok().as_deref() == Some(text) {
        return Ok(());
    }
    let written = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(path, text));
    written.map_err(|error| format!("{}: {error}", path.display()))
}

fn source(derive: &Derive, shape: &Shape, extent: Extent) -> String {
    let mut text = String::from("#![allow(non_snake_case, non_upper_case_globals, dead_code, unused_imports)]\n");
    let _ = writeln!(text, "{}", derive.imports);
    for number in 0..shape.structs {
        let name = format!("S{number}");
        let types = (0..shape.fields).map(|field| shape.types[field % shape.types.len()]);
        let mut derives = vec!["Clone, Copy", derive.derives];
        if extent == Extent::Use {
            derives.push(derive.derives_for_use);
        }
        derives.retain(|list| !list.is_empty());
        let derives = derives.join(", ");
        text.push_str(&shape.items.replace("{T}", &name).replace("{derives}", &derives));
        let _ = writeln!(text, "#[derive({derives})]\n#[repr(C)]\npub struct {name} {{");
        let mut value = format!("{name} {{ ");
        for (field, (of_type, first)) in types.enumerate() {
            let (of_type, first) = (of_type.replace("{T}", &name), first.replace("{T}", &name));
            let _ = writeln!(text, "    pub field_{field}: {of_type},");
            let _ = write!(value, "field_{field}: {first}, ");
        }
        text.push_str("}\n");
        value.push('}');
        if extent == Extent::Use {
            text.push_str(&derive.uses.replace("{T}", &name).replace("{value}", &value));
        }
    }
    text
}
