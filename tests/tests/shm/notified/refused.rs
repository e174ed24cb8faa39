//! What the system refuses to a notifier, and gives when it is asked again.

use seqcopy_harness::fails;

use super::*;

/// A resource of which there is no more than that, unless it is no longer so.
type Limit = Option<(Resource, u64)>;

fn within<T>(limit: Limit, call: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    let Some((resource, limit)) = limit else { return call() };
    let (soft, hard) = getrlimit(resource).unwrap();
    setrlimit(resource, limit, hard).unwrap();
    let result = call();
    setrlimit(resource, soft, hard).unwrap();
    result
}

#[test]
fn nothing_is_left_of_what_the_system_refused() {
    let place = Place::new();
    let path = place.at("value");
    apart(|| {
        let mut writer = Writer::<u64>::create(&path).unwrap();
        let reader = Reader::<u64>::open(&path).unwrap();
        let descriptors = || fs::read_dir("/proc/self/fd").unwrap().count();
        let state = |_: &mut Limit| (threads().len(), mappings_of(&path), descriptors());
        let allow = |limit: &mut Limit| *limit = None;
        let next_descriptor = fs::File::open("/dev/null").unwrap().as_raw_fd();
        let mut limit = Some((Resource::RLIMIT_NOFILE, next_descriptor.try_into().unwrap()));
        let new = |limit: &mut Limit| within(*limit, Notifier::new);
        let (error, notifier) = fails("Notifier::new", &mut limit, new, state, None, allow);
        assert!(error.to_string().starts_with("cannot create an event descriptor: "), "{error}");
        let mut limit = Some((Resource::RLIMIT_AS, 1));
        let register = |limit: &mut Limit| within(*limit, || notifier.register(reader.newer_than(reader.version())));
        let (error, _registration) = fails("Notifier::register", &mut limit, register, state, None, allow);
        assert!(error.to_string().starts_with("cannot map it: "), "{error}");
        writer.write(1).unwrap();
        writer.wake();
        next(&notifier);
        let clear = |is_fork: &mut bool| {
            if *is_fork {
                let child = forked(|| assert!(notifier.clear().is_err()));
                assert_eq!(waitpid(child, None), Ok(WaitStatus::Exited(child, 0)));
                return Err(());
            }
            notifier.clear().map_err(drop)
        };
        fails("Notifier::clear", &mut true, clear, |_| (), None, |is_fork| *is_fork = false);
    });
}
