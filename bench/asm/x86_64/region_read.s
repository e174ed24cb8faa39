    pushq   %rbx
    subq    $96, %rsp
    movq    %rdi, %rax
    movq    8(%rsi), %rdx
    movq    16(%rsi), %rcx
    movq    (%rdx), %rdi
    movl    %ecx, %r8d
    notl    %r8d
    andl    %edi, %r8d
    testb   $1, %r8b
    jne     .L1
    testq   %rdi, %rdi
    je      .L3
    movq    %rdi, %r8
    andq    %rcx, %r8
    leaq    (%r8,%r8,2), %r8
    shlq    $4, %r8
    leaq    (%rdx,%r8), %r9
    addq    $16, %r9
    movups  (%r9), %xmm1
    movups  16(%r9), %xmm0
    leaq    (%rdx,%r8), %r9
    addq    $48, %r9
    movb    (%r9), %r8b
    andq    $-2, %rcx
    movq    (%rdx), %rdx
    subq    %rdi, %rdx
    cmpq    %rcx, %rdx
    ja      .L5
    pshufd  $255, %xmm0, %xmm2
    movd    %xmm2, %ecx
    cmpl    $3, %ecx
    jae     .L9
    movzbl  %r8b, %ecx
    cmpb    $2, %r8b
    jae     .L11
    movups  %xmm1, 8(%rax)
    movdqu  %xmm0, 24(%rax)
.L20:
    movq    %rcx, 40(%rax)
    movq    $13, (%rax)
    addq    $96, %rsp
    popq    %rbx
    retq
.L1:
    movq    %rax, %rbx
    xorl    %ecx, %ecx
    jmp     .L6
.L3:
    movq    %rax, %rbx
    movl    $2, %ecx
    jmp     .L6
.L5:
    movq    %rax, %rbx
    movl    $1, %ecx
.L6:
    movq    (%rsi), %rsi
    leaq    48(%rsp), %rdi
    movq    %rsp, %rdx
    callq   seqcopy_shm::value::source::mapped::Mapped::load_with_retries
    movq    48(%rsp), %rcx
    cmpq    $13, %rcx
    jne     .L7
    movq    24(%rsp), %rdx
    movq    %rdx, %rcx
    shrq    $32, %rcx
    cmpl    $3, %ecx
    movq    %rbx, %rax
    jae     .L15
    movq    32(%rsp), %rcx
    testb   $-2, %cl
    jne     .L17
    movq    16(%rsp), %rsi
    movdqu  (%rsp), %xmm0
    movdqu  %xmm0, 8(%rax)
    movq    %rsi, 24(%rax)
    movq    %rdx, 32(%rax)
    jmp     .L20
.L7:
    movq    56(%rsp), %rdx
    movups  80(%rsp), %xmm0
    movq    %rbx, %rax
    movups  %xmm0, 32(%rbx)
    movups  64(%rsp), %xmm0
    movups  %xmm0, 16(%rbx)
    movq    %rcx, (%rbx)
    movq    %rdx, 8(%rbx)
    addq    $96, %rsp
    popq    %rbx
    retq
.L9:
    movl    %ecx, %ecx
    movl    $6, %esi
    movl    $3, %edx
    jmp     .L12
.L11:
    xorl    %edx, %edx
    movl    $7, %esi
.L12:
    leaq    .Lconstant(%rip), %rdi
    movq    %rdi, %xmm0
    movd    %esi, %xmm1
    punpcklqdq%xmm1, %xmm0
    movq    %rdx, (%rax)
    movdqu  %xmm0, 24(%rax)
    movq    %rcx, 40(%rax)
    addq    $96, %rsp
    popq    %rbx
    retq
.L15:
    movl    $6, %edx
    movl    $3, %esi
    jmp     .L18
.L17:
    movzbl  %cl, %ecx
    movl    $7, %edx
    xorl    %esi, %esi
.L18:
    xorps   %xmm0, %xmm0
    movups  %xmm0, 8(%rax)
    movq    %rsi, (%rax)
    leaq    .Lconstant(%rip), %rsi
    movq    %rsi, 24(%rax)
    movq    %rdx, 32(%rax)
    movq    %rcx, 40(%rax)
    addq    $96, %rsp
    popq    %rbx
    retq
