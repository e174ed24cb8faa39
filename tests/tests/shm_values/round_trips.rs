//! Functions that are inverse to one another, each pair over all of the corpus, its slices and maps, and over a
//! thousand random types: what one of them loses, the other does not give back.

use std::collections::HashSet;
use std::marker::PhantomData;

use seqcopy::layout::{Scalar, Shape};
use seqcopy::{Aligned8, Layout, SeqOption, Validate, Version};
use seqcopy_shm::{Options, Reader, Region, Schema, SchemaBuilder, Writer, untyped};
use seqcopy_tests::corpus::Sample;
use seqcopy_tests::faults::Place;
use seqcopy_tests::oracle::Rng;

/// What the corpus has of types that a region can hold: the schema, that of slices, and the typed round trip.
struct Held {
    name: &'static str,
    schema: Schema,
    round_trip: fn(&Place),
}

/// Chooses between types that can be validated and others: a method comes before that of a trait.
struct Probe<T>(PhantomData<T>);

impl<T: Validate + Sample + 'static> Probe<T> {
    #[allow(clippy::unused_self, clippy::unnecessary_wraps)] // chosen by its type, as that of the trait
    fn held(&self) -> Option<Held> {
        let name = std::any::type_name::<T>();
        Some(Held { name, schema: Schema::of::<T>(), round_trip: round_trip::<T> })
    }
}

trait Other {
    fn held(&self) -> Option<Held> {
        None
    }
}

impl<T> Other for &Probe<T> {}

macro_rules! each {
    ($($type:ty),* $(,)?) => {
        fn corpus() -> Vec<Held> {
            [$((&Probe::<$type>(PhantomData)).held()),*].into_iter().flatten().collect()
        }
    };
}

seqcopy_tests::corpus!(each);

const NUMBERS: [&str; 24] = [
    "bool",
    "char",
    "f32",
    "f64",
    "u8",
    "u16",
    "u32",
    "u64",
    "u128",
    "i8",
    "i16",
    "i32",
    "i64",
    "i128",
    "NonZeroU8",
    "NonZeroU16",
    "NonZeroU32",
    "NonZeroU64",
    "NonZeroU128",
    "NonZeroI8",
    "NonZeroI16",
    "NonZeroI32",
    "NonZeroI64",
    "NonZeroI128",
];

/// A type that a description can have.
fn random(rng: &mut Rng, depth: usize) -> SchemaBuilder {
    let inner = |rng: &mut Rng| random(rng, depth - 1);
    match if depth == 0 { rng.below(4) } else { rng.below(10) } {
        0..=2 => SchemaBuilder::number(NUMBERS[rng.below(NUMBERS.len())]).unwrap(),
        3 => SchemaBuilder::names("Names", &["A", "B", "C", "D", "E", "F", "G"][..=rng.below(7)]),
        4 => {
            let tag = *rng.pick(&["i8", "i16", "i32", "i64"]);
            let far = if tag == "i8" { 100 } else { 300 };
            SchemaBuilder::tags("Tags", &SchemaBuilder::number(tag).unwrap(), &[("Low", -far), ("High", far)])
        }
        5 => inner(rng).array(rng.below(4)),
        6 => inner(rng).option(),
        7 => inner(rng).list(1 + rng.below(5)),
        8 => SchemaBuilder::string(1 + rng.below(9)),
        _ => {
            let fields: Vec<SchemaBuilder> = (0..rng.below(6)).map(|_| inner(rng)).collect();
            let names = ["a", "b", "c", "d", "e"];
            let fields: Vec<(&str, SchemaBuilder)> = names.into_iter().zip(fields).collect();
            SchemaBuilder::structure("Struct", &fields)
        }
    }
}

/// Different types of values that have bytes, among them slices and maps.
fn thousand() -> Vec<Schema> {
    let mut rng = Rng::new(67);
    let (mut all, mut seen) = (Vec::new(), HashSet::new());
    while all.len() < 1000 {
        let one = random(&mut rng, 3);
        let Ok(schema) = one.build() else { continue };
        if schema.layout().size() == 0 {
            continue;
        }
        let schema = match rng.below(10) {
            0 => one.slice(5).build(),
            1 => SchemaBuilder::map(&SchemaBuilder::number("u32").unwrap(), &one).build(),
            _ => Ok(schema),
        };
        all.extend(schema.ok().filter(|schema| seen.insert(schema.fingerprint())));
    }
    all
}

/// That nothing is lost between bytes, schema and layout.
fn schema_and_layout(name: &str, schema: &Schema) {
    let read = Schema::decode(schema.as_bytes()).expect(name);
    assert_eq!((read.as_bytes(), read.difference(schema)), (schema.as_bytes(), None), "{name}");
    // By fields, a type is like itself; and what the layout says makes the same bytes again.
    assert_eq!(read.difference_by_fields(schema), None, "{name}");
    assert_eq!(read.layout().fingerprint(), schema.fingerprint(), "{name}: {}", schema.layout().name());
    assert_eq!(seqcopy::layout::fingerprint_of(schema.as_bytes()), schema.fingerprint(), "{name}");
}

#[test]
fn a_schema_is_that_of_its_layout() {
    let corpus = corpus();
    assert!(corpus.len() > 90, "{} of the corpus", corpus.len());
    for Held { name, schema, .. } in &corpus {
        schema_and_layout(name, schema);
        assert_eq!(schema.layout().size() == 0, Schema::used(schema, &vec![0; schema.layout().size()]) == 0, "{name}");
    }
    for (number, schema) in thousand().iter().enumerate() {
        schema_and_layout(&format!("random type {number}"), schema);
    }
}

/// By its type, by bytes, and by its type again: what was written is read, and each way sees the same bytes.
fn round_trip<T: Validate + Sample + 'static>(place: &Place) {
    let name = std::any::type_name::<T>();
    let (first, second) = (place.at("first"), place.at("second"));
    let mut writer = Writer::<T>::create(&first).expect(name);
    let header = Region::open(&first).unwrap();
    assert_eq!(header.schema(), &Schema::of::<T>(), "{name}");
    assert_eq!(
        (header.header().fingerprint(), header.header().payload_size()),
        (T::LAYOUT.fingerprint(), size_of::<T>())
    );
    let mut copy = untyped::Writer::create(&second, header.schema(), &Options::new()).expect(name);
    let (typed, by_fields) = (Reader::<T>::open(&second).unwrap(), Reader::<T>::open_by_fields(&second).unwrap());
    let bytes = untyped::Reader::open(&second).unwrap();
    for sample in T::samples() {
        writer.write_from(&sample).unwrap();
        let (written, _) = header.read_bytes().unwrap();
        copy.write_bytes(&written).expect(name);
        assert_eq!(typed.read().expect(name), sample);
        assert_eq!(by_fields.read().expect(name), sample);
        let mut read = vec![0; size_of::<T>()];
        assert!(bytes.read_into(&mut read).unwrap() > Version::NEVER);
        assert_eq!(
            (read, Region::open(&second).unwrap().read_bytes().unwrap().0),
            (written.clone(), written),
            "{name}"
        );
    }
    writer.close().unwrap();
    copy.close().unwrap();
}

#[test]
fn a_value_is_its_bytes() {
    let place = Place::new();
    for Held { round_trip, .. } in corpus() {
        round_trip(&place);
    }
}

/// A valid value, with other bytes where any may be.
fn fill(layout: &Layout, rng: &mut Rng, bytes: &mut [u8]) {
    let put = |bytes: &mut [u8], number: i128| {
        let (len, number) = (bytes.len(), number.to_ne_bytes());
        bytes.copy_from_slice(if cfg!(target_endian = "big") { &number[16 - len..] } else { &number[..len] });
    };
    if let Some((element, capacity)) = layout.vec_of() {
        let [len, elements] = layout.fields() else { panic!("a length, and elements") };
        let number = i128::try_from(rng.below(capacity + 1)).unwrap();
        put(&mut bytes[len.offset()..][..len.layout().size()], number);
        for at in 0..capacity {
            let start = elements.offset() + at * element.size();
            fill(element, rng, &mut bytes[start..][..element.size()]);
        }
        return;
    }
    match layout.shape() {
        Shape::Scalar(Scalar::Bool) => put(bytes, i128::from(rng.bits() & 1)),
        Shape::Scalar(Scalar::Char) => put(bytes, i128::from(0x61 + rng.bits() % 26)),
        Shape::Scalar(_) | Shape::Plain => bytes.fill_with(|| 1 + (rng.bits() % 255) as u8),
        Shape::Array { element, .. } if element.size() > 0 => {
            bytes.chunks_mut(element.size()).for_each(|part| fill(element, rng, part));
        }
        Shape::Struct { fields, .. } => {
            for field in fields {
                fill(field.layout(), rng, &mut bytes[field.offset()..][..field.layout().size()]);
            }
        }
        Shape::Tags { variants, .. } => put(bytes, rng.pick(variants).value()),
        Shape::Enum { tag, variants, .. } => {
            let variant = rng.pick(variants);
            put(&mut bytes[..tag.size()], variant.value());
            for field in variant.fields() {
                fill(field.layout(), rng, &mut bytes[field.offset()..][..field.layout().size()]);
            }
        }
        _ => {}
    }
}

#[test]
fn random_values_are_their_bytes() {
    let place = Place::new();
    let (mut rng, mut values) = (Rng::new(76), 0);
    for (number, schema) in thousand().iter().enumerate().step_by(4) {
        let (layout, first, second) = (schema.layout(), place.at("first"), place.at("second"));
        // Slices and maps have calls of their own.
        let options = Options::new();
        let Ok(mut writer) = untyped::Writer::create(&first, schema, &options) else { continue };
        let mut copy = untyped::Writer::create(&second, schema, &options).unwrap();
        let (reader, region) = (untyped::Reader::open(&first).unwrap(), Region::open(&first).unwrap());
        for _ in 0..3 {
            let mut value = vec![0; layout.size()];
            fill(layout, &mut rng, &mut value);
            // A text is of letters where its bytes are.
            if schema.validate(&value).is_err() {
                continue;
            }
            values += 1;
            writer.write_bytes(&value).unwrap();
            let mut read = vec![0; layout.size()];
            reader.read_into(&mut read).unwrap();
            let used = schema.used(&read);
            assert_eq!(region.read_bytes().unwrap().0[..used], read[..used], "{number}: {}", layout.name());
            copy.write_bytes(&read).unwrap();
            let mut again = vec![0; layout.size()];
            copy.read_into(&mut again).unwrap();
            assert_eq!(again[..used], read[..used], "{number}: {}", layout.name());
            assert!(schema.validate(&read).is_ok(), "{number}: {}", layout.name());
        }
        writer.close().unwrap();
        copy.close().unwrap();
    }
    assert!(values > 300, "{values} values");
}
