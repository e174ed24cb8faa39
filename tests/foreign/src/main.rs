//! Types of other crates in a lock, and between processes: what seqcopy/docs/guide/payloads.md says of each, and no
//! `unsafe`.
//!
//! Started without arguments, it writes and reads every type in this process; and every type that can be validated into
//! a region, which it starts itself again to read.

#![forbid(unsafe_code)]

mod lists;
mod numbers;

use std::fmt::Debug;
use std::path::PathBuf;
use std::process::Command;

use seqcopy::{AtomicPerByte, Bytemuck, Describe, DescribeValid, Remote, SeqCopy, SeqLock, Validate, Zerocopy};
use seqcopy_shm::{Reader, Writer, path_for};

use lists::{DurationParts, Fd, OrderingDef, TimeValDef, TimespecDef};

bitflags::bitflags! {
    #[derive(Clone, Copy, Debug, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
    #[repr(transparent)]
    struct Flags: u32 {
        const READ = 1;
        const WRITE = 2;
    }
}

/// A type whose bits can be checked by `zerocopy`.
#[derive(Clone, Copy, Debug, PartialEq, zerocopy::IntoBytes, zerocopy::TryFromBytes, zerocopy::Immutable)]
#[repr(u8)]
enum Gear {
    Park,
    Drive,
}

/// Fields, arrays and options of described types.
#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
struct Sample {
    #[seqcopy(with = Bytemuck)]
    id: uuid::Uuid,
    #[seqcopy(with = Bytemuck)]
    pose: glam::Mat4,
    #[seqcopy(with = Bytemuck)]
    wheels: [nalgebra::Vector3<f32>; 2],
    #[seqcopy(with = Zerocopy)]
    gear: Gear,
    #[seqcopy(with = TimespecDef)]
    at: libc::timespec,
    #[seqcopy(with = OrderingDef)]
    order: std::cmp::Ordering,
}

/// What is done with each type: written and read in this process; or looked for in a region.
#[derive(Clone, Copy)]
enum Task<'a> {
    Here,
    /// Write into a region, and have this type's index read by another process.
    Both(usize),
    /// Read from the region, and compare.
    There(&'a str),
}

fn round<D: Describe<T>, T: Clone + PartialEq + Debug>(a: &T, b: &T) {
    let lock = SeqLock::new(Remote::<T, D>::new(a.clone()));
    assert_eq!(&lock.read().value, a);
    lock.write(Remote::new(b.clone()));
    assert_eq!(&lock.read().value, b);
    assert_eq!(Remote::<T, D>::LAYOUT.size(), size_of::<T>());
}

fn between<D: DescribeValid<T> + 'static, T: Clone + PartialEq + Debug + 'static>(task: Task<'_>, a: &T, b: &T) {
    type Wire<T, D> = Remote<T, D>;
    match task {
        Task::Here => {
            let bits = AtomicPerByte::new(Wire::<T, D>::new(a.clone())).load();
            assert_eq!(&bits.validate().expect("bits of a value").value, a);
        }
        Task::Both(index) => {
            let path = region(index);
            let mut writer = Writer::<Wire<T, D>>::create(&path).expect("a new region");
            writer.write(Remote::new(b.clone())).expect("a write");
            assert!(another_process_reads(index), "another process reads {b:?}");
            writer.close().expect("it is removed");
        }
        Task::There(path) => {
            let reader = Reader::<Wire<T, D>>::open(path).expect("a region of this type");
            assert_eq!(&reader.read().expect("a value").value, b);
        }
    }
}

fn another_process_reads(index: usize) -> bool {
    let mut child = Command::new(std::env::current_exe().expect("this program"));
    child.arg(index.to_string()).env("SEQCOPY_FOREIGN_PARENT", parent().to_string());
    child.status().expect("it starts").success()
}

fn region(index: usize) -> PathBuf {
    path_for(&format!("seqcopy-foreign-{}-{index}", parent()))
}

/// The id of the process that writes.
fn parent() -> u32 {
    std::env::var("SEQCOPY_FOREIGN_PARENT").map_or_else(|_| std::process::id(), |id| id.parse().expect("a process id"))
}

/// Each type with its descriptor and two values. `checked` if its bits can be.
macro_rules! types {
    ($($kind:ident $by:ty: $a:expr, $b:expr;)*) => {
        /// How many there are.
        const COUNT: usize = [$(stringify!($kind)),*].len();

        fn each(mut task: impl FnMut(usize) -> Option<Task<'static>>) -> [usize; 2] {
            let (mut index, mut checked) = (0, 0);
            $(
                if let Some(_task) = task(index) {
                    let (a, b) = ($a, $b);
                    if matches!(_task, Task::Here) { round::<$by, _>(&a, &b); }
                    types!(@ $kind $by, _task, a, b, checked);
                }
                index += 1;
            )*
            [index, checked]
        }
    };
    (@ here $by:ty, $task:ident, $a:ident, $b:ident, $checked:ident) => {};
    (@ checked $by:ty, $task:ident, $a:ident, $b:ident, $checked:ident) => {
        between::<$by, _>($task, &$a, &$b);
        $checked += 1;
    };
}

types! {
    checked Bytemuck: uuid::Uuid::nil(), uuid::Uuid::from_u128(7);
    checked Bytemuck: glam::Vec3::ZERO, glam::Vec3::ONE;
    checked Bytemuck: glam::Mat4::IDENTITY, glam::Mat4::ZERO;
    checked Bytemuck: glam::Quat::IDENTITY, glam::Quat::from_xyzw(1., 2., 3., 4.);
    checked Bytemuck: glam::DVec3::ONE, glam::DVec3::ZERO;
    checked Bytemuck: glam::DMat3::IDENTITY, glam::DMat3::ZERO;
    checked Bytemuck: nalgebra::Vector3::new(1_f64, 2., 3.), nalgebra::Vector3::zeros();
    checked Bytemuck: nalgebra::Matrix4::<f64>::identity(), nalgebra::Matrix4::zeros();
    checked Bytemuck: nalgebra::Isometry3::<f32>::identity(), nalgebra::Isometry3::translation(1., 2., 3.);
    checked Bytemuck: half::f16::ONE, half::f16::ZERO;
    checked Zerocopy: half::bf16::ONE, half::bf16::ZERO;
    checked Bytemuck: num_complex::Complex::new(1_f64, 2.), num_complex::Complex::new(3., 4.);
    checked Bytemuck: ordered_float::OrderedFloat(1_f64), ordered_float::OrderedFloat(2.);
    checked Bytemuck: ordered_float::NotNan::new(1_f32).unwrap(), ordered_float::NotNan::new(2.).unwrap();
    checked Bytemuck: Flags::READ, Flags::WRITE;
    checked Bytemuck: rgb::RGBA8::new(1, 2, 3, 4), rgb::RGBA8::new(5, 6, 7, 8);
    checked Bytemuck: euclid::default::Point2D::new(1_f32, 2.), euclid::default::Point2D::new(3., 4.);
    checked Zerocopy: zerocopy::big_endian::U32::new(1), zerocopy::big_endian::U32::new(2);
    checked Zerocopy: Gear::Park, Gear::Drive;
    checked TimespecDef: lists::timespec(1, 2), lists::timespec(3, 4);
    checked TimeValDef: lists::timeval(1, 2), lists::timeval(3, 4);
    checked OrderingDef: std::cmp::Ordering::Less, std::cmp::Ordering::Greater;
    checked Fd: libc::pollfd { fd: 1, events: 2, revents: 0 }, libc::pollfd { fd: 3, events: 4, revents: 5 };
    here DurationParts: lists::Parts { whole: 1, nanos: 2 }, lists::Parts { whole: 3, nanos: 4 };
}

fn main() {
    if let Some(index) = std::env::args().nth(1) {
        let index: usize = index.parse().expect("the index of a type");
        if index == COUNT {
            let read = Reader::<Sample>::open(region(COUNT)).expect("a region").read().expect("a value");
            assert_eq!(read, sample());
            return;
        }
        let path: &'static str = region(index).to_str().expect("a path").to_owned().leak();
        each(|it| (it == index).then_some(Task::There(path)));
        return;
    }
    let [all, checked] = each(|_| Some(Task::Here));
    assert!(all >= 20, "{all} types");

    each(|index| Some(Task::Both(index)));

    let mut writer = Writer::<Sample>::create(region(COUNT)).expect("a new region");
    let layout = Sample::LAYOUT;
    let names: Vec<_> = layout.fields().iter().map(|field| field.layout().type_name().to_string()).collect();
    assert_eq!(names, ["Uuid", "Mat4", "Vector3", "Gear", "timespec", "Ordering"]);
    writer.write(sample()).expect("a write");
    assert!(another_process_reads(COUNT));
    writer.close().expect("it is removed");

    invalid_bits_are_refused();
    numbers::check();
    println!("{all} types, {checked} of them between processes, no unsafe");
}

fn sample() -> Sample {
    Sample {
        id: uuid::Uuid::from_u128(5),
        pose: glam::Mat4::IDENTITY,
        wheels: [nalgebra::Vector3::new(1., 2., 3.); 2],
        gear: Gear::Drive,
        at: lists::timespec(7, 8),
        order: std::cmp::Ordering::Less,
    }
}

/// Bits that are not a value, as another process could write them: here by a region of another type that has the same
/// schema, which outside of fields knows of plain bytes no more than their size.
fn invalid_bits_are_refused() {
    let refused = |bytes: &[u8]| Remote::<std::cmp::Ordering, OrderingDef>::LAYOUT.validate(bytes).is_err();
    assert!(refused(&[2]) && !refused(&[0xff]));
    type Checked<T> = Remote<ordered_float::NotNan<T>, Bytemuck>;
    let path = region(COUNT + 1);
    let mut writer = Writer::<Remote<f32, Bytemuck>>::create(&path).expect("a new region");
    let reader = Reader::<Checked<f32>>::open(&path).expect("four plain bytes");
    writer.write(1.5.into()).expect("a write");
    assert_eq!(reader.read().expect("a number").into_inner(), 1.5);
    writer.write(f32::NAN.into()).expect("a write");
    let error = reader.read().expect_err("a NaN is no `NotNan`").to_string();
    assert!(error.contains("these bits are not a valid value, according to `bytemuck`"), "{error}");
    assert!(Reader::<Checked<f64>>::open(&path).is_err(), "another size");
    writer.close().expect("it is removed");

    let mut writer = Writer::<Remote<u8, Zerocopy>>::create(&path).expect("a new region");
    let reader = Reader::<Remote<Gear, Zerocopy>>::open(&path).expect("one plain byte");
    writer.write(1.into()).expect("a write");
    assert_eq!(reader.read().expect("a gear").value, Gear::Drive);
    writer.write(2.into()).expect("a write");
    let error = reader.read().expect_err("no gear has this number").to_string();
    assert!(error.contains("these bits are not a valid value, according to `zerocopy`"), "{error}");
    writer.close().expect("it is removed");
}
