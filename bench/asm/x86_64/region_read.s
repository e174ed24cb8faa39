    pushq   %rbp
    pushq   %r15
    pushq   %r14
    pushq   %r13
    pushq   %r12
    pushq   %rbx
    subq    $104, %rsp
    movq    %rdi, %rbx
    movl    $0, 48(%rsp)
    movq    $0, 32(%rsp)
    movl    $0, 40(%rsp)
    movq    (%rsi), %r14
    movq    8(%rsi), %r13
    movq    16(%rsi), %r12
    movl    %r12d, %ebp
    notl    %ebp
    andl    $1, %ebp
    movq    %r12, %r15
    andq    $-2, %r15
    movq    (%r13), %rax
    testl   %ebp, %eax
    jne     .L2
.L3:
    testq   %rax, %rax
    je      .L4
    movq    %rax, %rcx
    andq    %r12, %rcx
    leaq    (%rcx,%rcx,2), %rcx
    shlq    $4, %rcx
    leaq    (%rcx,%r13), %rdx
    addq    $16, %rdx
    movups  (%rdx), %xmm1
    movups  16(%rdx), %xmm0
    leaq    48(%r13,%rcx), %rdx
    movb    (%rdx), %cl
    movq    (%r13), %rdx
    subq    %rax, %rdx
    movb    $1, %al
    cmpq    %r15, %rdx
    jbe     .L8
.L6:
    movzbl  %al, %ecx
    leaq    56(%rsp), %rdi
    movq    %r14, %rsi
    leaq    32(%rsp), %rdx
    callq   *seqcopy_shm::region::Region::wait_or_give_up@GOTPCREL(%rip)
    movq    56(%rsp), %rax
    leaq    64(%rsp), %rcx
    movups  (%rcx), %xmm0
    movaps  %xmm0, (%rsp)
    movq    16(%rcx), %rcx
    movq    %rcx, 16(%rsp)
    cmpq    $10, %rax
    jne     .L7
    movaps  (%rsp), %xmm0
    movaps  %xmm0, 32(%rsp)
    movq    16(%rsp), %rax
    movq    %rax, 48(%rsp)
    movq    (%r13), %rax
    testl   %ebp, %eax
    je      .L3
.L2:
    xorl    %eax, %eax
    jmp     .L6
.L4:
    movb    $2, %al
    jmp     .L6
.L8:
    pshufd  $255, %xmm0, %xmm2
    movd    %xmm2, %eax
    cmpl    $3, %eax
    jae     .L9
    movzbl  %cl, %eax
    cmpb    $2, %cl
    jae     .L11
    movdqu  %xmm1, 8(%rbx)
    movdqu  %xmm0, 24(%rbx)
    movq    %rax, 40(%rbx)
    movq    $10, (%rbx)
.L15:
    movq    %rbx, %rax
    addq    $104, %rsp
    popq    %rbx
    popq    %r12
    popq    %r13
    popq    %r14
    popq    %r15
    popq    %rbp
    retq
.L7:
    movups  88(%rsp), %xmm0
    movups  %xmm0, 32(%rbx)
    movq    16(%rsp), %rcx
    movq    %rcx, 24(%rbx)
    movdqa  (%rsp), %xmm0
    movdqu  %xmm0, 8(%rbx)
    movq    %rax, (%rbx)
    jmp     .L15
.L9:
    movl    %eax, %eax
    movl    $3, %ecx
    movl    $6, %edx
    jmp     .L12
.L11:
    xorl    %ecx, %ecx
    movl    $7, %edx
.L12:
    leaq    .Lconstant(%rip), %rsi
    movq    %rsi, %xmm0
    movd    %edx, %xmm1
    punpcklqdq%xmm1, %xmm0
    movq    %rcx, (%rbx)
    movdqu  %xmm0, 24(%rbx)
    movq    %rax, 40(%rbx)
    jmp     .L15
