//! Payloads as programs have them, written without regard to padding.

use std::mem::offset_of;

use seqcopy::{SeqCopy, Validate};

use super::Shape;

/// `each_part` of a struct whose listed fields are data throughout.
macro_rules! whole_fields {
    ($value:ident, $then:ident: $($field:ident)*) => {$(
        $then(offset_of!(Self, $field), size_of_val(&$value.$field));
    )*};
}

/// What a drone reports: 261 bytes of data in 288, with two arrays of padded structs.
#[derive(Debug, Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
pub struct Telemetry {
    time: u64,
    sequence: u32,
    mode: Mode,
    armed: bool,
    position: [f64; 3],
    velocity: [f32; 3],
    attitude: [f32; 4],
    voltage: f32,
    motors: [Motor; 8],
    sensors: [Sensor; 5],
    errors: u32,
    satellites: u16,
}

/// What the drone does.
#[derive(Debug, Clone, Copy, SeqCopy, Validate)]
#[repr(u8)]
enum Mode {
    Idle,
    Flying,
    Landing,
}

/// 15 bytes of data in 16.
#[derive(Debug, Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Motor {
    number: u8,
    temperature: i16,
    current: f32,
    speed: f64,
}

/// 13 bytes of data in 16.
#[derive(Debug, Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Sensor {
    value: f64,
    healthy: bool,
    age: u32,
}

impl Shape for Telemetry {
    const NAME: &'static str = "telemetry";

    #[expect(clippy::cast_possible_truncation, reason = "any bits will do")]
    fn value(seed: u64) -> Self {
        let (byte, float) = (seed as u8, f32::from(seed as u16));
        let real = f64::from(seed as u32);
        Telemetry {
            time: seed << 32 | 7,
            sequence: seed as u32,
            mode: [Mode::Idle, Mode::Flying, Mode::Landing][(seed % 3) as usize],
            armed: seed & 1 == 1,
            position: [real, 0.5, -real],
            velocity: [float, 1.5, -float],
            attitude: [0.5, float, 0.25, 1.0],
            voltage: 11.1 + float,
            motors: [0, 1, 2, 3, 4, 5, 6, 7].map(|number| Motor {
                number,
                temperature: i16::from(byte) - 20,
                current: float,
                speed: real + f64::from(number),
            }),
            sensors: [1, 2, 3, 4, 5].map(|age| Sensor { value: real, healthy: seed & 2 == 0, age: age + seed as u32 }),
            errors: !(seed as u32),
            satellites: seed as u16 | 8,
        }
    }

    #[inline(always)]
    fn each_part(&self, then: &mut impl FnMut(usize, usize)) {
        whole_fields!(self, then: time sequence mode armed position velocity attitude voltage);
        for index in 0..self.motors.len() {
            let start = offset_of!(Self, motors) + index * size_of::<Motor>();
            then(start + offset_of!(Motor, number), 1);
            then(start + offset_of!(Motor, temperature), 2);
            then(start + offset_of!(Motor, current), 4);
            then(start + offset_of!(Motor, speed), 8);
        }
        for index in 0..self.sensors.len() {
            let start = offset_of!(Self, sensors) + index * size_of::<Sensor>();
            then(start + offset_of!(Sensor, value), 8);
            then(start + offset_of!(Sensor, healthy), 1);
            then(start + offset_of!(Sensor, age), 4);
        }
        whole_fields!(self, then: errors satellites);
    }
}

/// The best prices of an instrument: 20 fields, 111 bytes of data in 120.
#[derive(Debug, Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
pub struct TopOfBook {
    sequence: u64,
    exchange_ns: u64,
    received_ns: u64,
    instrument: u32,
    phase: Phase,
    halted: bool,
    bid: i64,
    bid_size: u32,
    bid_orders: u16,
    ask: i64,
    ask_size: u32,
    ask_orders: u16,
    last: i64,
    last_size: u32,
    last_side: Side,
    open: i64,
    high: i64,
    low: i64,
    volume: u64,
    turnover: f64,
}

/// What the market does.
#[derive(Debug, Clone, Copy, SeqCopy, Validate)]
#[repr(u8)]
enum Phase {
    Closed,
    Auction,
    Continuous,
}

/// Which side began a trade.
#[derive(Debug, Clone, Copy, SeqCopy, Validate)]
#[repr(u8)]
enum Side {
    Buy,
    Sell,
}

impl Shape for TopOfBook {
    const NAME: &'static str = "top_of_book";

    #[expect(clippy::cast_possible_truncation, reason = "any bits will do")]
    fn value(seed: u64) -> Self {
        let price = i64::from(seed as u32);
        TopOfBook {
            sequence: seed,
            exchange_ns: seed << 20,
            received_ns: (seed << 20) + 999,
            instrument: 7,
            phase: [Phase::Closed, Phase::Auction, Phase::Continuous][(seed % 3) as usize],
            halted: seed & 1 == 1,
            bid: price,
            bid_size: !(seed as u32),
            bid_orders: seed as u16,
            ask: price + 2,
            ask_size: seed as u32,
            ask_orders: !(seed as u16),
            last: price + 1,
            last_size: 100,
            last_side: if seed & 2 == 0 { Side::Buy } else { Side::Sell },
            open: 1,
            high: price + 9,
            low: price - 9,
            volume: seed * 10,
            turnover: f64::from(seed as u32) * 0.5,
        }
    }

    #[inline(always)]
    fn each_part(&self, then: &mut impl FnMut(usize, usize)) {
        whole_fields!(self, then: sequence exchange_ns received_ns instrument phase halted bid bid_size bid_orders ask ask_size
            ask_orders last last_size last_side open high low volume turnover);
    }
}

/// Where something is, and how it is turned: 68 bytes of data in 72.
#[derive(Debug, Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
pub struct Pose {
    position: [f64; 3],
    orientation: [f64; 4],
    time: u64,
    frame: u32,
}

impl Shape for Pose {
    const NAME: &'static str = "pose";

    #[expect(clippy::cast_possible_truncation, reason = "any bits will do")]
    fn value(seed: u64) -> Self {
        let real = f64::from(seed as u32);
        Pose {
            position: [real, 0.5, -real],
            orientation: [0.5, real, 0.25, 1.0],
            time: seed << 32 | 7,
            frame: seed as u32,
        }
    }

    #[inline(always)]
    fn each_part(&self, then: &mut impl FnMut(usize, usize)) {
        whole_fields!(self, then: position orientation time frame);
    }
}

/// A block of sound: 256 samples, 1 KiB that is aligned to 4 bytes only.
#[derive(Debug, Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
pub struct AudioBlock([f32; 256]);

impl Shape for AudioBlock {
    const NAME: &'static str = "audio_block";

    #[expect(clippy::cast_possible_truncation, reason = "any bits will do")]
    fn value(seed: u64) -> Self {
        let mut sample = seed as u16;
        AudioBlock([(); 256].map(|()| {
            sample = sample.wrapping_mul(25_173).wrapping_add(13_849);
            f32::from(sample) / 65_536.0
        }))
    }

    #[inline(always)]
    fn each_part(&self, then: &mut impl FnMut(usize, usize)) {
        then(0, size_of::<Self>());
    }
}

// SAFETY: floats without padding.
unsafe impl photon_ring::Pod for AudioBlock {}

#[cfg(test)]
mod tests {
    use super::*;

    /// Size, and bytes of data.
    fn size<T: Shape>() -> (usize, usize) {
        let mut data = 0;
        T::value(1).each_part(&mut |_, len| data += len);
        (size_of::<T>(), data)
    }

    #[test]
    fn sizes_are_as_documented() {
        assert_eq!(size::<Telemetry>(), (288, 261));
        assert_eq!((size_of::<Motor>(), size_of::<Sensor>()), (16, 16));
        assert_eq!(size::<TopOfBook>(), (120, 111));
        assert_eq!(size::<Pose>(), (72, 68));
        assert_eq!(size::<AudioBlock>(), (1024, 1024));
    }
}
