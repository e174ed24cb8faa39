    pushq   %rbx
    subq    $48, %rsp
    movq    %rdi, 8(%rsp)
    movq    %rsi, 16(%rsp)
    xorps   %xmm0, %xmm0
    movups  %xmm0, 24(%rsp)
    movq    $8, 40(%rsp)
    leaq    .Lconstant(%rip), %rsi
    leaq    8(%rsp), %rbx
    movq    %rbx, %rdi
    callq   <seqcopy::copy::partition::Merge<A> as seqcopy::copy::visitor::Visitor>::choice::{{closure}}::{{closure}}
    leaq    .Lconstant(%rip), %rsi
    movq    %rbx, %rdi
    callq   <seqcopy::copy::partition::Merge<A> as seqcopy::copy::visitor::Visitor>::choice::{{closure}}::{{closure}}
    addq    $48, %rsp
    popq    %rbx
    retq
