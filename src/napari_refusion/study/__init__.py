"""One case: two sources in the order of the weights, from where, windowed and moved how, on one grid."""
