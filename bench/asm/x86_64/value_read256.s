    movq    %rdi, %rax
    movq    256(%rsi), %rcx
    testb   $1, %cl
    jne     .L3
    movups  (%rsi), %xmm15
    movups  16(%rsi), %xmm13
    movups  32(%rsi), %xmm10
    movups  48(%rsi), %xmm6
    leaq    64(%rsi), %rdx
    movups  (%rdx), %xmm14
    movups  16(%rdx), %xmm11
    movups  32(%rdx), %xmm7
    movups  48(%rdx), %xmm3
    leaq    128(%rsi), %rdx
    movups  (%rdx), %xmm12
    movups  16(%rdx), %xmm8
    movups  32(%rdx), %xmm4
    movups  48(%rdx), %xmm1
    leaq    192(%rsi), %rdx
    movups  (%rdx), %xmm9
    movups  16(%rdx), %xmm5
    movups  32(%rdx), %xmm2
    movups  48(%rdx), %xmm0
    movq    256(%rsi), %rdx
    cmpq    %rcx, %rdx
    jne     .L3
    movups  %xmm15, (%rax)
    movups  %xmm13, 16(%rax)
    movups  %xmm10, 32(%rax)
    movups  %xmm6, 48(%rax)
    movups  %xmm14, 64(%rax)
    movups  %xmm11, 80(%rax)
    movups  %xmm7, 96(%rax)
    movups  %xmm3, 112(%rax)
    movups  %xmm12, 128(%rax)
    movups  %xmm8, 144(%rax)
    movups  %xmm4, 160(%rax)
    movups  %xmm1, 176(%rax)
    movups  %xmm9, 192(%rax)
    movups  %xmm5, 208(%rax)
    movups  %xmm2, 224(%rax)
    movups  %xmm0, 240(%rax)
    retq
.L3:
    pushq   %r14
    pushq   %rbx
    subq    $264, %rsp
    movq    %rsp, %r14
    movq    %rax, %rbx
    movq    %rsi, %rdi
    movq    %r14, %rsi
    callq   seqcopy::lock::read::read_contended
    movl    $256, %edx
    movq    %rbx, %rdi
    movq    %r14, %rsi
    callq   *memcpy@GOTPCREL(%rip)
    movq    %rbx, %rax
    addq    $264, %rsp
    popq    %rbx
    popq    %r14
    retq
