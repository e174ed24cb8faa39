    movq    %rdi, %rax
    movq    24(%rsi), %rcx
    testb   $1, %cl
    jne     .L3
    movups  (%rsi), %xmm0
    leaq    16(%rsi), %rdi
    movq    (%rdi), %rdx
    movq    24(%rsi), %rdi
    cmpq    %rcx, %rdi
    jne     .L3
    movups  %xmm0, (%rax)
    movq    %rdx, 16(%rax)
    retq
.L3:
    pushq   %rbx
    subq    $32, %rsp
    movq    %rsp, %rcx
    movq    %rsi, %rdi
    movq    %rcx, %rsi
    movq    %rax, %rbx
    callq   seqcopy::lock::read::read_contended
    movq    %rbx, %rax
    movq    16(%rsp), %rcx
    movq    %rcx, 16(%rbx)
    movups  (%rsp), %xmm0
    movups  %xmm0, (%rbx)
    addq    $32, %rsp
    popq    %rbx
    retq
