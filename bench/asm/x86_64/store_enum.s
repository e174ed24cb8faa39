    pushq   %rbx
    subq    $64, %rsp
    xorps   %xmm0, %xmm0
    movaps  %xmm0, (%rsp)
    movq    $0, 16(%rsp)
    movzbl  (%rsi), %eax
    testl   %eax, %eax
    je      .L6
    cmpl    $2, %eax
    je      .L4
    cmpl    $1, %eax
    jne     .L5
    movb    $1, (%rsp)
    movl    4(%rsi), %eax
    movl    %eax, 4(%rsp)
    movzbl  8(%rsi), %eax
    movb    %al, 8(%rsp)
    jmp     .L6
.L4:
    movb    $2, (%rsp)
    movups  8(%rsi), %xmm1
    movups  %xmm1, 8(%rsp)
    jmp     .L6
.L5:
    movb    %al, (%rsp)
.L6:
    movq    %rsp, %rax
    movq    %rax, 24(%rsp)
    movq    %rdi, 32(%rsp)
    movups  %xmm0, 40(%rsp)
    movq    $8, 56(%rsp)
    leaq    .Lconstant(%rip), %rsi
    leaq    24(%rsp), %rbx
    movq    %rbx, %rdi
    callq   <seqcopy::copy::partition::Merge<A> as seqcopy::copy::visitor::Visitor>::choice::{{closure}}::{{closure}}
    leaq    .Lconstant(%rip), %rsi
    movq    %rbx, %rdi
    callq   <seqcopy::copy::partition::Merge<A> as seqcopy::copy::visitor::Visitor>::choice::{{closure}}::{{closure}}
    addq    $64, %rsp
    popq    %rbx
    retq
