    movq    128(%rdi), %rax
    testb   $1, %al
    jne     .L2
    movups  (%rdi), %xmm3
    movups  16(%rdi), %xmm2
    movups  32(%rdi), %xmm1
    movups  48(%rdi), %xmm0
    leaq    64(%rdi), %rcx
    movups  (%rcx), %xmm7
    movups  16(%rcx), %xmm6
    movups  32(%rcx), %xmm5
    movups  48(%rcx), %xmm4
    movq    128(%rdi), %rcx
    cmpq    %rax, %rcx
    jne     .L2
.L3:
    movups  %xmm3, (%rsi)
    movups  %xmm2, 16(%rsi)
    movups  %xmm1, 32(%rsi)
    movups  %xmm0, 48(%rsi)
    movups  %xmm7, 64(%rsi)
    movups  %xmm6, 80(%rsi)
    movups  %xmm5, 96(%rsi)
    movups  %xmm4, 112(%rsi)
    retq
.L2:
    pushq   %rbx
    subq    $144, %rsp
    movq    %rsp, %rax
    movq    %rsi, %rbx
    movq    %rax, %rsi
    callq   seqcopy::lock::read::read_contended
    movq    %rbx, %rsi
    movaps  (%rsp), %xmm3
    movaps  16(%rsp), %xmm2
    movaps  32(%rsp), %xmm1
    movaps  48(%rsp), %xmm0
    movaps  64(%rsp), %xmm7
    movaps  80(%rsp), %xmm6
    movaps  96(%rsp), %xmm5
    movaps  112(%rsp), %xmm4
    addq    $144, %rsp
    popq    %rbx
    jmp     .L3
