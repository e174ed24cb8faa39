    pushq   %rbx
    subq    $32, %rsp
    movq    %rdi, %rbx
    cmpl    $2, (%rsi)
    jne     .L3
    movq    8(%rsi), %rdx
    movq    %rbx, %rdi
    xorl    %ecx, %ecx
    callq   *seqcopy_shm::reader::by_fields::<impl seqcopy_shm::reader::Reader<T>>::read_until_by@GOTPCREL(%rip)
    movq    %rbx, %rax
    addq    $32, %rsp
    popq    %rbx
    retq
.L3:
    movups  24(%rsi), %xmm0
    movups  %xmm0, 8(%rsp)
    movl    $0, 24(%rsp)
    leaq    8(%rsp), %rsi
    movq    %rbx, %rdi
    callq   *seqcopy::in_place::read::read_large@GOTPCREL(%rip)
    movq    %rbx, %rax
    addq    $32, %rsp
    popq    %rbx
    retq
