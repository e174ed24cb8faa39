    pushq   %rbx
    movq    %rdi, %rbx
    movq    (%rsi), %rdi
    movq    %rbx, %rsi
    callq   *seqcopy::atomic_per_byte::AtomicPerByte<T>::load::large@GOTPCREL(%rip)
    movq    %rbx, %rax
    popq    %rbx
    retq
