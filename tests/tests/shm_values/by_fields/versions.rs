//! Three versions of a type: what each is of a write, and what a reader of one gets of another.

/// Every field says which write it is of.
pub(crate) mod v1 {
    #[derive(Clone, Copy, Debug, PartialEq, seqcopy::SeqCopy, seqcopy::Validate)]
    #[repr(C)]
    pub(crate) struct Leg {
        pub(crate) id: u8,
        pub(crate) angle: u32,
    }

    #[derive(Clone, Copy, Debug, PartialEq, seqcopy::SeqCopy, seqcopy::Validate)]
    #[repr(u8)]
    pub(crate) enum Mode {
        Stop,
        Go,
    }

    #[derive(Clone, Copy, Debug, PartialEq, Eq, seqcopy::SeqCopy, seqcopy::Validate)]
    #[repr(u8)]
    pub(crate) enum Key {
        Stop,
        Go,
    }

    #[derive(Clone, Copy, Debug, PartialEq, seqcopy::SeqCopy, seqcopy::Validate)]
    #[repr(C, u8)]
    pub(crate) enum Tool {
        None,
        Drill { speed: u32 },
    }

    #[derive(Clone, Copy, Debug, PartialEq, seqcopy::SeqCopy, seqcopy::Validate)]
    #[repr(C)]
    pub(crate) struct Robot {
        pub(crate) number: u64,
        pub(crate) legs: [Leg; 4],
        pub(crate) mode: Mode,
        pub(crate) low: u16,
        pub(crate) tool: Tool,
    }

    pub(crate) fn robot(n: u64) -> Robot {
        let angle = |id: u8| u32::from(id) + super::low32(n);
        let tool = if n % 3 == 0 { Tool::None } else { Tool::Drill { speed: super::low32(n) } };
        let legs = [0, 1, 2, 3].map(|id| Leg { id, angle: angle(id) });
        Robot { number: n, legs, mode: if n % 2 == 0 { Mode::Stop } else { Mode::Go }, low: super::low16(n), tool }
    }
}

/// Appended fields, and a variant.
pub(crate) mod v2 {
    pub(crate) use super::v1::{Leg, Tool};

    #[derive(Clone, Copy, Debug, PartialEq, seqcopy::SeqCopy, seqcopy::Validate)]
    #[repr(u8)]
    pub(crate) enum Mode {
        Stop,
        Go,
        Turn,
    }

    #[derive(Clone, Copy, Debug, PartialEq, Eq, seqcopy::SeqCopy, seqcopy::Validate)]
    #[repr(u8)]
    pub(crate) enum Key {
        Stop,
        Go,
        Turn,
    }

    #[derive(Clone, Copy, Debug, PartialEq, seqcopy::SeqCopy, seqcopy::Validate)]
    #[repr(C)]
    pub(crate) struct Robot {
        pub(crate) number: u64,
        pub(crate) legs: [Leg; 4],
        pub(crate) mode: Mode,
        pub(crate) low: u16,
        pub(crate) tool: Tool,
        #[seqcopy(default)]
        pub(crate) twice: u64,
    }

    pub(crate) fn robot(n: u64) -> Robot {
        let old = super::v1::robot(n);
        let mode = if n % 2 == 0 { Mode::Stop } else { Mode::Go };
        Robot { number: n, legs: old.legs, mode, low: old.low, tool: old.tool, twice: 2 * n }
    }
}

/// Inserted and reordered fields, also of what is nested.
pub(crate) mod v3 {
    pub(crate) use super::v2::Mode;

    #[derive(Clone, Copy, Debug, PartialEq, seqcopy::SeqCopy, seqcopy::Validate)]
    #[repr(C)]
    pub(crate) struct Leg {
        #[seqcopy(default)]
        pub(crate) torque: f64,
        pub(crate) angle: u32,
        pub(crate) id: u8,
    }

    #[derive(Clone, Copy, Debug, PartialEq, seqcopy::SeqCopy, seqcopy::Validate)]
    #[repr(C, u8)]
    pub(crate) enum Tool {
        None,
        Drill {
            #[seqcopy(default)]
            angle: f64,
            speed: u32,
        },
    }

    #[derive(Clone, Copy, Debug, PartialEq, seqcopy::SeqCopy, seqcopy::Validate)]
    #[repr(C)]
    pub(crate) struct Robot {
        #[seqcopy(default)]
        pub(crate) name: seqcopy::SeqStr<20>,
        pub(crate) low: u16,
        pub(crate) tool: Tool,
        pub(crate) legs: [Leg; 4],
        #[seqcopy(default)]
        pub(crate) twice: u64,
        pub(crate) number: u64,
        pub(crate) mode: Mode,
    }

    pub(crate) fn robot(n: u64) -> Robot {
        let super::v2::Robot { number, legs, mode, low, tool, twice } = super::v2::robot(n);
        let tool = match tool {
            super::v1::Tool::None => Tool::None,
            super::v1::Tool::Drill { speed } => Tool::Drill { angle: f64::from(speed), speed },
        };
        let legs = legs.map(|leg| Leg { torque: f64::from(leg.angle), angle: leg.angle, id: leg.id });
        Robot { name: seqcopy::SeqStr::literal("Ada"), low, tool, legs, twice, number, mode }
    }
}

#[allow(clippy::cast_possible_truncation)] // parts of a number
fn low32(n: u64) -> u32 {
    n as u32 & 0xff_ffff
}

#[allow(clippy::cast_possible_truncation)] // parts of a number
fn low16(n: u64) -> u16 {
    n as u16
}

/// A version of the type.
pub(crate) trait Robot: seqcopy::Validate + Copy + PartialEq + std::fmt::Debug + Send + 'static {
    fn of(n: u64) -> Self;
    fn number(&self) -> u64;
    /// Whether it is what a reader of this version gets of some version of write `n`.
    fn is_whole(&self) -> bool;
}

impl Robot for v1::Robot {
    fn of(n: u64) -> Self {
        v1::robot(n)
    }
    fn number(&self) -> u64 {
        self.number
    }
    fn is_whole(&self) -> bool {
        *self == v1::robot(self.number)
    }
}

impl Robot for v2::Robot {
    fn of(n: u64) -> Self {
        v2::robot(n)
    }
    fn number(&self) -> u64 {
        self.number
    }
    fn is_whole(&self) -> bool {
        let new = v2::robot(self.number);
        *self == new || *self == v2::Robot { twice: 0, ..new }
    }
}

impl Robot for v3::Robot {
    fn of(n: u64) -> Self {
        v3::robot(n)
    }
    fn number(&self) -> u64 {
        self.number
    }
    fn is_whole(&self) -> bool {
        let new = v3::robot(self.number);
        let legs = new.legs.map(|leg| v3::Leg { torque: 0.0, ..leg });
        let tool = match new.tool {
            v3::Tool::Drill { speed, .. } => v3::Tool::Drill { angle: 0.0, speed },
            tool @ v3::Tool::None => tool,
        };
        let second = v3::Robot { name: seqcopy::SeqStr::default(), legs, tool, ..new };
        *self == new || *self == second || *self == v3::Robot { twice: 0, ..second }
    }
}
