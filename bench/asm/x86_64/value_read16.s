    movq    %rdi, %rax
    movq    16(%rsi), %rcx
    testb   $1, %cl
    jne     .L3
    movups  (%rsi), %xmm0
    movq    16(%rsi), %rdx
    cmpq    %rcx, %rdx
    jne     .L3
    movups  %xmm0, (%rax)
    retq
.L3:
    pushq   %rbx
    subq    $32, %rsp
    leaq    8(%rsp), %rcx
    movq    %rsi, %rdi
    movq    %rcx, %rsi
    movq    %rax, %rbx
    callq   seqcopy::lock::read::read_contended
    movq    %rbx, %rax
    movups  8(%rsp), %xmm0
    movups  %xmm0, (%rbx)
    addq    $32, %rsp
    popq    %rbx
    retq
