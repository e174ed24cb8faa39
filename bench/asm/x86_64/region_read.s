    pushq   %rbp
    pushq   %r15
    pushq   %r14
    pushq   %r13
    pushq   %r12
    pushq   %rbx
    subq    $136, %rsp
    movq    %rdi, %rax
    movl    $0, 64(%rsp)
    movq    $0, 48(%rsp)
    movl    $0, 56(%rsp)
    movq    (%rsi), %r9
    movq    8(%rsi), %r12
    movq    16(%rsi), %r14
    movl    %r14d, %ebp
    notl    %ebp
    andl    $1, %ebp
    movq    %r14, %r13
    andq    $-2, %r13
    leaq    88(%rsp), %rdi
    leaq    48(%rsp), %rdx
    movq    seqcopy_shm::region::Region::wait_or_give_up@GOTPCREL(%rip), %r10
    movq    (%r12), %rcx
    testl   %ebp, %ecx
    jne     .L2
.L3:
    testq   %rcx, %rcx
    je      .L4
    movq    %rcx, %rsi
    andq    %r14, %rsi
    leaq    (%rsi,%rsi,2), %r8
    shlq    $4, %r8
    leaq    (%r12,%r8), %rsi
    addq    $16, %rsi
    movups  (%rsi), %xmm1
    movups  16(%rsi), %xmm0
    leaq    48(%r12,%r8), %rsi
    movb    (%rsi), %r8b
    movq    (%r12), %rsi
    subq    %rcx, %rsi
    cmpq    %r13, %rsi
    jbe     .L9
    movq    %rax, 8(%rsp)
    movl    $1, %ecx
    jmp     .L7
.L2:
    movq    %rax, 8(%rsp)
    xorl    %ecx, %ecx
    jmp     .L7
.L4:
    movq    %rax, 8(%rsp)
    movl    $2, %ecx
.L7:
    movq    %r9, 80(%rsp)
    movq    %r9, %rsi
    movq    %rdx, %rbx
    movq    %r10, %r15
    callq   *%r10
    movq    88(%rsp), %rcx
    leaq    96(%rsp), %rax
    movups  (%rax), %xmm0
    movaps  %xmm0, 16(%rsp)
    movq    16(%rax), %rax
    movq    %rax, 32(%rsp)
    cmpq    $10, %rcx
    jne     .L8
    movaps  16(%rsp), %xmm0
    movaps  %xmm0, 48(%rsp)
    movq    32(%rsp), %rax
    movq    %rax, 64(%rsp)
    movq    8(%rsp), %rax
    leaq    88(%rsp), %rdi
    movq    %rbx, %rdx
    movq    80(%rsp), %r9
    movq    %r15, %r10
    movq    (%r12), %rcx
    testl   %ebp, %ecx
    je      .L3
    jmp     .L2
.L9:
    pshufd  $255, %xmm0, %xmm2
    movd    %xmm2, %ecx
    cmpl    $3, %ecx
    jae     .L10
    movzbl  %r8b, %ecx
    cmpb    $2, %r8b
    jae     .L12
    movdqu  %xmm1, 8(%rax)
    movdqu  %xmm0, 24(%rax)
    movq    %rcx, 40(%rax)
    movq    $10, (%rax)
.L16:
    addq    $136, %rsp
    popq    %rbx
    popq    %r12
    popq    %r13
    popq    %r14
    popq    %r15
    popq    %rbp
    retq
.L8:
    movups  120(%rsp), %xmm0
    movq    8(%rsp), %rax
    movups  %xmm0, 32(%rax)
    movq    32(%rsp), %rdx
    movq    %rdx, 24(%rax)
    movdqa  16(%rsp), %xmm0
    movdqu  %xmm0, 8(%rax)
    movq    %rcx, (%rax)
    jmp     .L16
.L10:
    movl    %ecx, %ecx
    movl    $3, %edx
    movl    $6, %esi
    jmp     .L13
.L12:
    xorl    %edx, %edx
    movl    $7, %esi
.L13:
    leaq    .Lconstant(%rip), %rdi
    movq    %rdi, %xmm0
    movd    %esi, %xmm1
    punpcklqdq%xmm1, %xmm0
    movq    %rdx, (%rax)
    movdqu  %xmm0, 24(%rax)
    movq    %rcx, 40(%rax)
    jmp     .L16
