// errors: 13
use seqcopy::SeqCopy;

fn copied<T: SeqCopy>() {}

fn main() {
    copied::<std::sync::atomic::AtomicBool>();
    copied::<std::sync::atomic::AtomicU8>();
    copied::<std::sync::atomic::AtomicI64>();
    copied::<std::sync::atomic::AtomicUsize>();
    copied::<std::sync::atomic::AtomicPtr<u8>>();
    copied::<std::mem::MaybeUninit<u8>>();
    copied::<std::net::SocketAddr>();
    copied::<std::net::SocketAddrV6>();
    copied::<std::time::SystemTime>();
    copied::<Result<u8, u8>>();
    copied::<std::task::Poll<u8>>();
    copied::<std::ops::Bound<u8>>();
    copied::<std::ops::ControlFlow<u8, u8>>();
}
