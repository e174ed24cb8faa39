//! Functions that are inverse to one another, each pair over all of the corpus, its slices and maps, and over a
//! thousand random types: what one of them loses, the other does not give back.

use std::marker::PhantomData;

use seqcopy::{Aligned8, SeqOption, Validate, Version};
use seqcopy_shm::{Options, Reader, Region, Schema, Writer, untyped};
use seqcopy_tests::corpus::Sample;
use seqcopy_tests::faults::Place;
use seqcopy_tests::oracle::Rng;
use seqcopy_tests::random_types::{fill, thousand};

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

/// What fills the space of a list is valid, whatever its elements are.
#[test]
fn a_filled_value_is_valid() {
    let mut rejected_zeros = 0;
    for (number, schema) in thousand().iter().enumerate() {
        let layout = schema.layout();
        let mut bytes = vec![0; layout.size()];
        rejected_zeros += usize::from(layout.validate(&bytes).is_err());
        seqcopy::layout::put_any(layout, &mut bytes);
        assert!(layout.validate(&bytes).is_ok(), "{number}: {}", layout.name());
    }
    assert!(rejected_zeros > 100, "{rejected_zeros} types");
}
