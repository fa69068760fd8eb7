// A cohort under Nextflow: one process for each participant, then the page of all.
//   nextflow run main.nf --input /data/BIDS --output /data/fused
params.input = null
params.output = null

process participant {
    errorStrategy 'retry'
    maxRetries 2

    input:
    val label

    output:
    val label

    script:
    """
    napari-refusion cohort '${params.input}' '${params.output}' participant --participant-label ${label} --nprocs 1 || [ \$? -eq 1 ]
    """
}

process group {
    input:
    val labels

    script:
    """
    napari-refusion cohort '${params.input}' '${params.output}' group || [ \$? -eq 1 ]
    """
}

workflow {
    labels = Channel.fromPath("${params.input}/sub-*", type: 'dir').map { it.name - 'sub-' }
    group(participant(labels).collect())
}
