    ldr     x0, [x0]
    b       seqcopy::lock::publish_value::large
