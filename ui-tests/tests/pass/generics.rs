//! Parameters, defaults, where-clauses, associated types, recursion through pointers.
#![allow(dead_code)]

use core::marker::PhantomData;
use core::mem::MaybeUninit;

use seqcopy::{AtomicPerByte, MaybeInvalid, SeqCopy, SeqOption, Validate};

trait Unit {
    type Word;
    const COUNT: usize;
}

struct Meters;

impl Unit for Meters {
    type Word = f32;
    const COUNT: usize = 2;
}

#[derive(SeqCopy, Validate)]
#[repr(C)]
struct Length<U: Unit + ?Sized = Meters>
where
    U::Word: Copy,
{
    value: U::Word,
    error: <U as Unit>::Word,
    unit: PhantomData<U>,
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
struct Table<T: Copy = u8, const N: usize = 2>
where
    T: PartialEq,
    [T; N]: Copy,
{
    rows: [[T; N]; 3],
    last: SeqOption<T>,
    count: [u8; N],
}

#[derive(SeqCopy)]
struct Node<T: 'static> {
    value: T,
    next: *const Node<T>,
    parent: Option<&'static Self>,
    visit: fn(T) -> Option<T>,
}

#[derive(SeqCopy, Validate)]
#[repr(C)]
#[seqcopy(bound(T: Validate + Copy))]
struct Given<T> {
    value: T,
    pair: [T; 2],
    #[seqcopy(skip)]
    spare: MaybeUninit<T>,
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C, i16)]
enum Tree<T, const N: usize> {
    Leaf(T) = -2,
    Many { items: [T; N], more: bool },
    Marked(PhantomData<fn(T)>),
}

trait Of<T> {}

impl<T> Of<T> for u8 {}

#[derive(SeqCopy, Validate)]
#[repr(C)]
#[seqcopy(check = passes)]
struct Checked<T: Of<Self>>
where
    Self: Sized,
    [Self; 1]: Sized,
{
    value: T,
}

fn passes<T: Of<Checked<T>>>(_bits: &MaybeInvalid<Checked<T>>) -> Result<(), &'static str> {
    Ok(())
}

#[derive(SeqCopy)]
struct Pair<T, U>((T, U), Option<core::num::NonZero<u32>>);

fn main() {
    assert_eq!(<Length as SeqCopy>::LAYOUT.size(), 8);
    let table = Table { rows: [[1_u16, 2]; 3], last: SeqOption::Some(3), count: [4; 2] };
    assert_eq!(AtomicPerByte::new(table).load().validate(), Ok(table));
    let tree = Tree::<u32, 3>::Many { items: [1, 2, 3], more: true };
    assert_eq!(AtomicPerByte::new(tree).load().validate(), Ok(tree));
    assert_eq!(<Given<char> as SeqCopy>::LAYOUT.size(), 16);
    assert_eq!(AtomicPerByte::new(Checked { value: 5_u8 }).load().validate().map(|it| it.value), Ok(5));
    assert!(<Node<u8> as SeqCopy>::LAYOUT.has_pointers());
    assert!(<Pair<u8, u64> as SeqCopy>::LAYOUT.size() >= 13);
}
