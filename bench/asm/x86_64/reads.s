value_read24:
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

value_read_into24:
    movq    24(%rdi), %rax
    testb   $1, %al
    jne     seqcopy::lock::read::read_contended
    movups  (%rdi), %xmm0
    movups  %xmm0, (%rsi)
    leaq    16(%rdi), %rcx
    movq    (%rcx), %rdx
    movq    %rdx, 16(%rsi)
    movq    24(%rdi), %rcx
    cmpq    %rax, %rcx
    jne     seqcopy::lock::read::read_contended
    retq

seqlock_read:
    movq    48(%rdi), %rax
    testb   $1, %al
    jne     seqcopy::lock::read::read_contended
    movups  (%rdi), %xmm0
    movups  16(%rdi), %xmm1
    movups  %xmm0, (%rsi)
    movups  %xmm1, 16(%rsi)
    leaq    32(%rdi), %rcx
    movq    (%rcx), %rdx
    movq    %rdx, 32(%rsi)
    movq    40(%rdi), %rcx
    movq    %rcx, 40(%rsi)
    movq    48(%rdi), %rcx
    cmpq    %rax, %rcx
    jne     seqcopy::lock::read::read_contended
    retq

value_read16:
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

value_read_padded48:
    movq    %rdi, %rax
    movq    48(%rsi), %rcx
    testb   $1, %cl
    jne     .L3
    movups  (%rsi), %xmm1
    movups  16(%rsi), %xmm0
    leaq    32(%rsi), %rdi
    movq    (%rdi), %rdx
    movq    40(%rsi), %rdi
    movq    48(%rsi), %r8
    cmpq    %rcx, %r8
    jne     .L3
    movups  %xmm1, (%rax)
    movups  %xmm0, 16(%rax)
    movq    %rdx, 32(%rax)
    movq    %rdi, 40(%rax)
    retq
.L3:
    pushq   %rbx
    subq    $64, %rsp
    leaq    8(%rsp), %rcx
    movq    %rsi, %rdi
    movq    %rcx, %rsi
    movq    %rax, %rbx
    callq   seqcopy::lock::read::read_contended
    movq    %rbx, %rax
    movups  8(%rsp), %xmm0
    movups  24(%rsp), %xmm1
    movups  40(%rsp), %xmm2
    movups  %xmm2, 32(%rbx)
    movups  %xmm1, 16(%rbx)
    movups  %xmm0, (%rbx)
    addq    $64, %rsp
    popq    %rbx
    retq

value_read128:
    movq    %rdi, %rax
    movq    128(%rsi), %rcx
    testb   $1, %cl
    jne     .L3
    movups  (%rsi), %xmm7
    movups  16(%rsi), %xmm5
    movups  32(%rsi), %xmm3
    movups  48(%rsi), %xmm1
    leaq    64(%rsi), %rdx
    movups  (%rdx), %xmm6
    movups  16(%rdx), %xmm4
    movups  32(%rdx), %xmm2
    movups  48(%rdx), %xmm0
    movq    128(%rsi), %rdx
    cmpq    %rcx, %rdx
    jne     .L3
    movups  %xmm7, (%rax)
    movups  %xmm5, 16(%rax)
    movups  %xmm3, 32(%rax)
    movups  %xmm1, 48(%rax)
    movups  %xmm6, 64(%rax)
    movups  %xmm4, 80(%rax)
    movups  %xmm2, 96(%rax)
    movups  %xmm0, 112(%rax)
    retq
.L3:
    pushq   %rbx
    subq    $144, %rsp
    leaq    8(%rsp), %rcx
    movq    %rsi, %rdi
    movq    %rcx, %rsi
    movq    %rax, %rbx
    callq   seqcopy::lock::read::read_contended
    movq    %rbx, %rax
    movups  120(%rsp), %xmm0
    movups  %xmm0, 112(%rbx)
    movups  104(%rsp), %xmm0
    movups  %xmm0, 96(%rbx)
    movups  88(%rsp), %xmm0
    movups  %xmm0, 80(%rbx)
    movups  72(%rsp), %xmm0
    movups  %xmm0, 64(%rbx)
    movups  8(%rsp), %xmm0
    movups  24(%rsp), %xmm1
    movups  40(%rsp), %xmm2
    movups  56(%rsp), %xmm3
    movups  %xmm3, 48(%rbx)
    movups  %xmm2, 32(%rbx)
    movups  %xmm1, 16(%rbx)
    movups  %xmm0, (%rbx)
    addq    $144, %rsp
    popq    %rbx
    retq

value_read_versioned64:
    movq    %rdi, %rax
    movq    64(%rsi), %rcx
    testb   $1, %cl
    jne     .L2
    movups  (%rsi), %xmm3
    movups  16(%rsi), %xmm2
    movups  32(%rsi), %xmm1
    movups  48(%rsi), %xmm0
    movq    64(%rsi), %rdx
    cmpq    %rcx, %rdx
    jne     .L2
    shrq    %rcx
    movups  %xmm3, (%rax)
    movups  %xmm2, 16(%rax)
    movups  %xmm1, 32(%rax)
    movups  %xmm0, 48(%rax)
    movq    %rcx, 64(%rax)
    retq
.L2:
    pushq   %rbx
    subq    $80, %rsp
    leaq    8(%rsp), %rcx
    movq    %rsi, %rdi
    movq    %rcx, %rsi
    movq    %rax, %rbx
    callq   seqcopy::lock::read::read_contended
    movq    %rax, %rcx
    movq    %rbx, %rax
    movups  8(%rsp), %xmm0
    movups  24(%rsp), %xmm1
    movups  40(%rsp), %xmm2
    movups  56(%rsp), %xmm3
    movups  %xmm0, (%rbx)
    movups  %xmm1, 16(%rbx)
    movups  %xmm2, 32(%rbx)
    movups  %xmm3, 48(%rbx)
    movq    %rcx, 64(%rbx)
    addq    $80, %rsp
    popq    %rbx
    retq

value_read_over128:
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

value_latch_read64:
    movq    %rdi, %rax
    movq    256(%rsi), %rcx
    movl    %ecx, %edx
    andl    $3, %edx
    shll    $6, %edx
    addq    %rsi, %rdx
    movups  (%rdx), %xmm3
    movups  16(%rdx), %xmm2
    movups  32(%rdx), %xmm1
    movups  48(%rdx), %xmm0
    movq    256(%rsi), %rdx
    subq    %rcx, %rdx
    cmpq    $3, %rdx
    jae     .L1
.L2:
    movups  %xmm3, (%rax)
    movups  %xmm2, 16(%rax)
    movups  %xmm1, 32(%rax)
    movups  %xmm0, 48(%rax)
    retq
.L1:
    pause
    movq    256(%rsi), %rcx
    movl    %ecx, %edx
    andl    $3, %edx
    shll    $6, %edx
    addq    %rsi, %rdx
    movups  (%rdx), %xmm3
    movups  16(%rdx), %xmm2
    movups  32(%rdx), %xmm1
    movups  48(%rdx), %xmm0
    movq    256(%rsi), %rdx
    subq    %rcx, %rdx
    cmpq    $2, %rdx
    ja      .L1
    jmp     .L2

value_read256:
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

value_get_mut:
    leaq    64(%rdi), %rax
    movups  (%rsi), %xmm0
    movups  16(%rsi), %xmm1
    movups  32(%rsi), %xmm2
    movups  48(%rsi), %xmm3
    movups  112(%rsi), %xmm4
    movups  96(%rsi), %xmm5
    movups  80(%rsi), %xmm6
    movups  64(%rsi), %xmm7
    movq    128(%rdi), %rcx
    orq     $1, %rcx
    movq    %rcx, 128(%rdi)
    movups  %xmm0, (%rdi)
    movups  %xmm1, 16(%rdi)
    movups  %xmm2, 32(%rdi)
    movups  %xmm3, 48(%rdi)
    movups  %xmm7, (%rax)
    movups  %xmm6, 16(%rax)
    movups  %xmm5, 32(%rax)
    movups  %xmm4, 48(%rax)
    incq    %rcx
    movq    %rcx, 128(%rdi)
    retq
