//! The methods that make pairs of handles, and writers of a field: one more part of [`methods`](super::methods).

/// Gives a lock its methods that make handles.
macro_rules! split_methods {
    ($name:literal, [$($generics:tt)*] $lock:ty) => {
        impl<T, $($generics)*> $lock {
            /// A writer and a reader of the lock, to be given to two threads or to an interrupt handler and the main loop. More
            /// readers are clones of the first.
            ///
            /// Takes no compare-and-swap and never fails, since an exclusive borrow excludes every other writer: the claim of
            /// one that was leaked is taken over. So this is the safe way to write on processors without compare-and-swap: from
            /// a lock that is borrowed for `'static`, as `StaticCell`, `cortex_m::singleton!` or RTIC's `local` resources give it.
            ///
            /// ```
            #[doc = concat!(" # use seqcopy::", $name, ";")]
            #[doc = concat!(" let mut lock = ", $name, "::new([0u64; 2]);")]
            /// let (mut writer, mut reader) = lock.split();
            /// std::thread::scope(|scope| {
            ///     scope.spawn(move || writer.write([7, 7]));
            ///     let [a, b] = *reader.read(); // wait-free: the newest value, or the one before
            ///     assert_eq!(a, b);
            /// });
            /// assert_eq!(lock.read(), [7, 7]);
            /// ```
            #[doc(alias = "triple_buffer")]
            pub fn split(&mut self) -> ($crate::lock::Writer<'_, T, Self>, $crate::lock::Reader<'_, T, Self>)
            where
                T: $crate::SeqCopy,
            {
                let writer = $crate::lock::Writer::exclusive(self);
                let reader = $crate::lock::Reader::new(writer.lock());
                (writer, reader)
            }

            /// [`split`](Self::split) into handles that own the lock together.
            ///
            /// ```
            #[doc = concat!(" # use seqcopy::", $name, ";")]
            #[doc = concat!(" let (mut writer, mut reader) = ", $name, "::new(0).into_split();")]
            /// let mut other = reader.clone();
            /// std::thread::spawn(move || writer.write(7)).join().unwrap();
            /// assert_eq!((*reader.read(), *other.read()), (7, 7));
            /// ```
            #[cfg(all(feature = "alloc", target_has_atomic = "8"))]
            #[must_use]
            pub fn into_split(mut self) -> ($crate::lock::ArcWriter<T, Self>, $crate::lock::ArcReader<T, Self>)
            where
                T: $crate::SeqCopy,
            {
                // What was leaked is taken over.
                drop($crate::lock::Writer::<T, Self>::exclusive(&mut self));
                let lock = alloc::sync::Arc::new(self);
                let reader = $crate::lock::ArcReader::new(&lock);
                let writer = $crate::lock::ArcWriter::claim(&lock, |lock| lock);
                (writer.expect("a lock that no other thread has"), reader)
            }

            /// [`writer_arc`](Self::writer_arc) of a lock that is a field of what is in the `Arc`. `field` is called once.
            ///
            /// ```
            #[doc = concat!(" # use {seqcopy::", $name, ", std::sync::Arc};")]
            #[doc = concat!(" struct Shared { level: ", $name, "<u32>, name: String }")]
            #[doc = concat!(" let shared = Arc::new(Shared { level: ", $name, "::new(5), name: \"left\".into() });")]
            #[doc = concat!(" let mut writer = ", $name, "::writer_of_field(&shared, |shared| &shared.level).unwrap();")]
            /// writer.write(6);
            /// assert_eq!((shared.level.read(), writer.owner().name.as_str()), (6, "left"));
            /// ```
            #[cfg(all(feature = "alloc", target_has_atomic = "8"))]
            #[must_use = "dropping the writer releases the write claim at once"]
            pub fn writer_of_field<S>(
                owner: &alloc::sync::Arc<S>,
                field: impl FnOnce(&S) -> &Self,
            ) -> Option<$crate::lock::ArcWriter<T, Self, S>>
            where
                T: $crate::SeqCopy,
            {
                $crate::lock::ArcWriter::claim(owner, field)
            }
        }
    };
}
pub(crate) use split_methods;
