    pushq   %rbx
    subq    $32, %rsp
    movq    %rdi, %rbx
    cmpl    $2, (%rsi)
    jne     .L3
    movq    8(%rsi), %rdx
    movq    %rbx, %rdi
    movq    %rsi, %rcx
    xorl    %r8d, %r8d
    callq   *seqcopy_shm::reader::by_fields::<impl seqcopy_shm::reader::Reader<T>>::read_until_by@GOTPCREL(%rip)
    movq    %rbx, %rax
    addq    $32, %rsp
    popq    %rbx
    retq
.L3:
    movups  24(%rsi), %xmm0
    movq    %rsi, (%rsp)
    movl    $0, 8(%rsp)
    movups  %xmm0, 16(%rsp)
    movq    %rsp, %rsi
    movq    %rbx, %rdi
    callq   *seqcopy::in_place::read::read_large@GOTPCREL(%rip)
    movq    %rbx, %rax
    addq    $32, %rsp
    popq    %rbx
    retq
