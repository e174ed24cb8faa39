    pushq   %rbx
    movq    %rdi, %rbx
    movq    %rsi, %rdi
    movq    %rbx, %rsi
    callq   *seqcopy::atomic_per_byte::AtomicPerByte<T>::load_start::large@GOTPCREL(%rip)
    movq    %rbx, %rax
    popq    %rbx
    retq
