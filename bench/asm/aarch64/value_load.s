    mov     x1, x8
    b       seqcopy::atomic_per_byte::AtomicPerByte<T>::load_start::large
