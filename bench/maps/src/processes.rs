//! Other maps between processes.

use std::hint::black_box;
use std::path::PathBuf;
use std::process;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use heed::types::Bytes;
use heed::{CommitOrAbort, Database, Env, EnvFlags, EnvOpenOptions, RoTxn};
use iceoryx2::port::reader::{EntryHandle, Reader as BlackboardReader};
use iceoryx2::port::writer::{EntryHandleMut, Writer as BlackboardWriter};
use iceoryx2::prelude::{LogLevel, NodeBuilder, ZeroCopySend, ipc, set_log_level};

use crate::map::{Keys, Map, Reader, Remove, TOGETHER, Value, Writer, key, number, value};

/// A name that no other process has.
fn name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("bench-maps-{}-{}", process::id(), NEXT.fetch_add(1, Relaxed))
}

/// LMDB in memory, without its waits for a disk: a transaction for each look-up and each change.
pub(crate) struct Lmdb;

/// The same, with a transaction for several look-ups.
pub(crate) struct LmdbTogether;

pub(crate) struct LmdbEnd(Env, Database<'static, Bytes, Bytes>);
pub(crate) struct LmdbTogetherReader(LmdbEnd);

impl Map for Lmdb {
    const NAME: &'static str = "lmdb";
    type Reader = LmdbEnd;
    type Writer = LmdbEnd;

    fn make(_: u64) -> (LmdbEnd, LmdbEnd) {
        let folder: PathBuf = seqcopy_shm::path_for(&name());
        std::fs::create_dir_all(&folder).expect("a folder in memory");
        let mut options = EnvOpenOptions::new();
        options.map_size(1 << 30);
        // SAFETY: after a crash of the system the files are gone anyway.
        unsafe { options.flags(EnvFlags::NO_SYNC | EnvFlags::NO_META_SYNC) };
        // SAFETY: the folder is new, so nothing else has opened or changes the files.
        let env = unsafe { options.open(&folder) }.expect("an environment");
        // They stay until the environment is closed.
        std::fs::remove_dir_all(&folder).expect("the folder just made");
        let transaction = env.write_txn().expect("a transaction");
        let created = env.create_databases_and_commit(transaction, |opener, transaction| {
            opener.create_database(transaction, None).map(CommitOrAbort::<_, ()>::Commit)
        });
        let database = created.expect("a database").unwrap_commit();
        (LmdbEnd(env.clone(), database), LmdbEnd(env, database))
    }
}

impl Map for LmdbTogether {
    const NAME: &'static str = "lmdb";
    type Reader = LmdbTogetherReader;
    type Writer = LmdbEnd;

    fn make(entries: u64) -> (LmdbEnd, LmdbTogetherReader) {
        let (writer, reader) = Lmdb::make(entries);
        (writer, LmdbTogetherReader(reader))
    }
}

fn to_bytes(value: Value) -> [u8; size_of::<Value>()] {
    let mut bytes = [0; size_of::<Value>()];
    for (chunk, word) in bytes.chunks_exact_mut(8).zip(value) {
        chunk.copy_from_slice(&word.to_ne_bytes());
    }
    bytes
}

impl LmdbEnd {
    #[inline(always)]
    fn find(&self, transaction: &RoTxn<'_>, key: u64) -> Value {
        let bytes = self.1.get(transaction, &key.to_be_bytes()).expect("a look-up").expect("an entry");
        let (words, _) = bytes.as_chunks::<8>();
        std::array::from_fn(|index| u64::from_ne_bytes(words[index]))
    }
}

impl Reader for LmdbEnd {
    #[inline(always)]
    fn get(&mut self, key: u64) -> Value {
        self.find(&self.0.read_txn().expect("a transaction"), key)
    }
}

impl Reader for LmdbTogetherReader {
    fn get(&mut self, key: u64) -> Value {
        self.0.get(key)
    }

    #[inline(always)]
    fn get_all(&mut self, keys: &mut Keys, count: u64) {
        for _ in 0..count / TOGETHER as u64 {
            let transaction = self.0.0.read_txn().expect("a transaction");
            for _ in 0..TOGETHER {
                black_box(&self.0.find(&transaction, keys.random()));
            }
        }
    }
}

impl Writer for LmdbEnd {
    #[inline(always)]
    fn put(&mut self, key: u64, value: Value) {
        let mut transaction = self.0.write_txn().expect("a transaction");
        self.1.put(&mut transaction, &key.to_be_bytes(), &to_bytes(value)).expect("space");
        transaction.commit().expect("a commit");
    }

    fn fill(&mut self, entries: u64) {
        let mut transaction = self.0.write_txn().expect("a transaction");
        for number in 0..entries {
            self.1.put(&mut transaction, &key(number).to_be_bytes(), &to_bytes(value(number))).expect("space");
        }
        transaction.commit().expect("a commit");
    }
}

impl Remove for LmdbEnd {
    #[inline(always)]
    fn remove(&mut self, key: u64) {
        let mut transaction = self.0.write_txn().expect("a transaction");
        self.1.delete(&mut transaction, &key.to_be_bytes()).expect("a removal");
        transaction.commit().expect("a commit");
    }
}

/// The blackboard of iceoryx2, whose keys are given when it is created. Handles of all entries were looked up before.
pub(crate) struct Handles;

/// The same entry each time, which then stays in the first cache.
pub(crate) struct OneHandle;

/// With the look-up of the handle.
pub(crate) struct LookUp;

pub(crate) struct HandleReader(Vec<EntryHandle<ipc::Service, u64, Value>>);
pub(crate) struct OneHandleReader(HandleReader, usize);
pub(crate) struct LookUpReader(BlackboardReader<ipc::Service, u64>);
pub(crate) struct HandleWriter(Vec<EntryHandleMut<ipc::Service, u64, Value>>);
pub(crate) struct OneHandleWriter(HandleWriter, usize);

/// A blackboard with the first `entries` keys, and the value that each has at first.
pub(crate) fn blackboard<V: Copy + ZeroCopySend + 'static>(
    entries: u64,
    value: fn(u64) -> V,
) -> (BlackboardWriter<ipc::Service, u64>, BlackboardReader<ipc::Service, u64>) {
    set_log_level(LogLevel::Error);
    let node = NodeBuilder::new().create::<ipc::Service>().expect("a node");
    let mut creator = node.service_builder(&name().as_str().try_into().expect("a name")).blackboard_creator::<u64>();
    for number in 0..entries {
        creator = creator.add::<V>(key(number), value(number));
    }
    let service = creator.create().expect("a blackboard");
    let writer = service.writer_builder().create().expect("the only writer");
    (writer, service.reader_builder().create().expect("a reader"))
}

fn handle_writer(entries: u64) -> (HandleWriter, BlackboardReader<ipc::Service, u64>) {
    let (writer, reader) = blackboard(entries, value);
    let handles = (0..entries).map(|number| writer.entry(&key(number)).expect("an entry")).collect();
    (HandleWriter(handles), reader)
}

fn handles(entries: u64) -> (HandleWriter, HandleReader) {
    let (writer, reader) = handle_writer(entries);
    let handles = (0..entries).map(|number| reader.entry(&key(number)).expect("an entry")).collect();
    (writer, HandleReader(handles))
}

impl Map for Handles {
    const NAME: &'static str = "iceoryx2-handle";
    type Reader = HandleReader;
    type Writer = HandleWriter;

    fn make(entries: u64) -> (HandleWriter, HandleReader) {
        handles(entries)
    }
}

impl Map for OneHandle {
    const NAME: &'static str = "iceoryx2-one-handle";
    type Reader = OneHandleReader;
    type Writer = OneHandleWriter;

    fn make(entries: u64) -> (OneHandleWriter, OneHandleReader) {
        let (writer, reader) = handles(entries);
        let index = reader.0.len() / 2;
        (OneHandleWriter(writer, index), OneHandleReader(reader, index))
    }
}

impl Map for LookUp {
    const NAME: &'static str = "iceoryx2-look-up";
    type Reader = LookUpReader;
    type Writer = HandleWriter;

    fn make(entries: u64) -> (HandleWriter, LookUpReader) {
        let (writer, reader) = handle_writer(entries);
        (writer, LookUpReader(reader))
    }
}

/// The place of a key's handle.
#[inline(always)]
fn place(key: u64) -> usize {
    usize::try_from(number(key)).expect("the number of an entry")
}

impl Reader for HandleReader {
    #[inline(always)]
    fn get(&mut self, key: u64) -> Value {
        *self.0[place(key)].get()
    }
}

impl Reader for OneHandleReader {
    fn get(&mut self, key: u64) -> Value {
        self.0.get(key)
    }

    #[inline(always)]
    fn get_all(&mut self, _: &mut Keys, count: u64) {
        for _ in 0..count {
            let value: Value = *self.0.0[self.1].get();
            black_box(&value);
        }
    }
}

impl Reader for LookUpReader {
    #[inline(always)]
    fn get(&mut self, key: u64) -> Value {
        *self.0.entry::<Value>(&key).expect("an entry").get()
    }
}

impl Writer for HandleWriter {
    #[inline(always)]
    fn put(&mut self, key: u64, value: Value) {
        self.0[place(key)].update_with_copy(value);
    }

    /// The entries were given when it was created.
    fn fill(&mut self, _: u64) {}
}

impl Writer for OneHandleWriter {
    #[inline(always)]
    fn put(&mut self, _: u64, value: Value) {
        self.0.0[self.1].update_with_copy(value);
    }

    fn fill(&mut self, _: u64) {}
}
