// errors: 10
use seqcopy::SeqCopy;

fn copied<T: SeqCopy>() {}

fn main() {
    copied::<std::collections::VecDeque<u8>>();
    copied::<std::collections::BTreeMap<u8, u8>>();
    copied::<std::collections::HashMap<u8, u8>>();
    copied::<std::path::PathBuf>();
    copied::<std::cell::Cell<u8>>();
    copied::<std::cell::OnceCell<u8>>();
    copied::<std::cell::RefCell<u8>>();
    copied::<std::cell::UnsafeCell<u8>>();
    copied::<std::sync::RwLock<u8>>();
    copied::<std::sync::OnceLock<u8>>();
}
