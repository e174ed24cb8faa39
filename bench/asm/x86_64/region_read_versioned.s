    pushq   %rbx
    subq    $32, %rsp
    movq    %rdi, %rbx
    cmpl    $2, (%rsi)
    jne     .L3
    movq    8(%rsi), %rdx
    movq    %rbx, %rdi
    callq   *seqcopy_shm::reader::by_fields::<impl seqcopy_shm::reader::Reader<T>>::read_by@GOTPCREL(%rip)
    movq    %rbx, %rax
    addq    $32, %rsp
    popq    %rbx
    retq
.L3:
    movq    32(%rsi), %rax
    movups  16(%rsi), %xmm0
    movaps  %xmm0, (%rsp)
    movq    %rax, 16(%rsp)
    movq    %rsp, %rsi
    movq    %rbx, %rdi
    callq   *seqcopy::in_place::read::read_large@GOTPCREL(%rip)
    movq    %rbx, %rax
    addq    $32, %rsp
    popq    %rbx
    retq
