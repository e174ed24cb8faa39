    ldr     x0, [x0]
    b       seqcopy::lock::claimed::<impl seqcopy::lock::claim::Claimed<L>>::publish_value::large
