// swift-tools-version: 6.2
import PackageDescription

// One source, two builds. The product, a C library without a Swift runtime, is Embedded Swift:
// `make` sets this variable. `swift test` and Swift packages take the same files as regular Swift.
let isEmbedded = Context.environment["SWIFTNN_EMBEDDED"] == "1"

let swiftSettings: [SwiftSetting] =
    [
        .swiftLanguageMode(.v6),
        .treatAllWarnings(as: .error),
        // C contracts a*b+c where the CPU can; Swift does not. One rule for both.
        .unsafeFlags(["-Xcc", "-ffp-contract=off"]),
    ]
    + (isEmbedded
        ? [
            .enableExperimentalFeature("Embedded"),
            .unsafeFlags([
                "-wmo", "-enforce-exclusivity=unchecked", "-Xcc", "-DSNN_EMBEDDED", "-Xfrontend",
                "-function-sections",
                // CFork has one of its own, of which the runtime's in its caller's place would know
                // nothing.
                "-Xllvm", "-force-attribute=swift_once:noinline",
            ]),
        ]
        : [])

/// The kernel sources, compiled for one instruction set. They are optimized in debug builds too.
///
/// - Parameter registers: how many vector registers of how many bits there are, as the name that
///   the sources ask for.
/// - Parameter optimization: for speed, where not said otherwise: the closures in the kernels are
///   inlined, and no two kernels share a body through a pointer.
func kernels(
    _ name: String, set: String, registers: String, _ clangOptions: [String],
    optimization: [String] = ["-O", "-Xllvm", "-inline-threshold=5000"]
) -> Target {
    let clang = (["-DSNNK_SET=\(set)"] + clangOptions).flatMap { ["-Xcc", $0] }
    return .target(
        name: name, dependencies: ["CVector", "CKernels"],
        swiftSettings: swiftSettings + [
            .define("SNNK_REGISTERS_\(registers)"),
            .unsafeFlags(
                optimization + ["-Xllvm", "-swiftmergefunc-threshold=0"] + clang)
        ])
}

/// Everything but the kernels: what a call of a small model passes is compiled for speed in the
/// product, the rest, where time is not spent, for size.
func settings(isOnTheWay: Bool) -> [SwiftSetting] {
    swiftSettings + (isEmbedded ? [.unsafeFlags([isOnTheWay ? "-O" : "-Osize"])] : [])
}

func layer(
    _ name: String, _ dependencies: [Target.Dependency], isOnTheWay: Bool = false
) -> Target {
    .target(
        name: name, dependencies: dependencies, swiftSettings: settings(isOnTheWay: isOnTheWay))
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: swiftSettings)
}

/// How the C library is linked in both builds: only its functions are seen, under a version.
let libraryLinkage: [LinkerSetting] = [
    .linkedLibrary("m"),
    .unsafeFlags([
        // gold, the default, leaves the names that the version script hides in the table of
        // dynamic symbols.
        "-use-ld=lld",
        "-Xlinker", "--version-script=\(Context.packageDirectory)/Sources/SwiftNNC/exports.map",
        "-Xlinker", "-soname=libswiftnn.so.0",
        "-Xlinker", "-z", "-Xlinker", "nodelete",
    ]),
]

/// Without a Swift runtime there is nothing to leave undefined; equal functions are folded (60 KB).
let embeddedLinkage: [LinkerSetting] =
    isEmbedded
    ? [
        .unsafeFlags([
            "-Xlinker", "-z", "-Xlinker", "defs", "-Xlinker", "--gc-sections",
            "-Xlinker", "--icf=all",
            // Relative relocations as bits: 115 KB less. Loaders read them since glibc 2.36, which
            // arc4random_buf asks for too.
            "-Xlinker", "-z", "-Xlinker", "pack-relative-relocs",
            // A table that SNNCore/TextComparison.swift says is never looked into.
            "-Xlinker", "--defsym=_swift_stdlib_nfd_decompositions=0",
        ])
    ] : []

let package = Package(
    name: "swiftnn",
    products: [
        .library(name: "swiftnn", type: .dynamic, targets: ["SwiftNNC"]),
        .library(name: "SwiftNN", targets: ["SwiftNN"]),
        // Times the kernels for `make bench`; nobody installs it.
        .executable(name: "swiftnn-bench-kernels", targets: ["SNNBenchKernels"]),
    ],
    targets: [
        .systemLibrary(name: "CSystem"),
        .systemLibrary(name: "CVector"),
        .systemLibrary(name: "CCPU"),
        .systemLibrary(name: "CKernels"),
        .systemLibrary(name: "CHDF5", pkgConfig: "hdf5", providers: [.apt(["libhdf5-dev"])]),
        .systemLibrary(name: "CSwiftNN"),

        .target(name: "CFork", cSettings: isEmbedded ? [.define("SNN_EMBEDDED")] : []),

        layer("SNNCore", ["CSystem", "CCPU", "CFork"]),
        // First in link order: the weak runtime functions in each object then come from this one,
        // which any CPU can run.
        // A set that few processors need, of sixteen numbers in four registers: for size it takes 130 KB
        // less of the library and 7 % more time.
        kernels("SNNKernelsBase", set: "base", registers: "16X128", [], optimization: ["-Osize"]),
        kernels("SNNKernelsAVX2", set: "avx2", registers: "16X256", ["-march=haswell"]),
        kernels(
            "SNNKernelsAVX512", set: "avx512", registers: "32X512",
            ["-march=x86-64-v4", "-mprefer-vector-width=512"]),
        layer(
            "SNNKernels",
            ["SNNKernelsBase", "SNNKernelsAVX2", "SNNKernelsAVX512", "CKernels", "CCPU", "CSystem"]),
        layer("SNNLinear", ["SNNCore", "SNNKernels", "CKernels"]),
        layer("SNNGraph", ["SNNCore", "SNNKernels", "CKernels"]),
        layer(
            "SNNProducts", ["SNNGraph", "SNNCore", "SNNKernels", "CKernels"], isOnTheWay: true),
        layer("SNNLayers", ["SNNProducts", "SNNGraph", "SNNCore", "SNNKernels", "CKernels"]),
        layer("SNNTraining", ["SNNGraph", "SNNCore", "SNNKernels", "CKernels", "CSystem"]),
        layer("SNNCheckpoint", ["SNNGraph", "SNNCore", "CHDF5", "CSystem", "CFork"]),
        layer(
            "SwiftNN",
            [
                "SNNLayers", "SNNTraining", "SNNCheckpoint", "SNNLinear", "SNNGraph", "SNNCore",
                "SNNKernels", "CSystem",
            ]),
        .target(
            name: "SwiftNNC",
            dependencies: [
                "SwiftNN", "SNNGraph", "SNNTraining", "SNNCheckpoint", "SNNKernels", "SNNCore",
                "CSwiftNN", "CSystem", "CFork",
            ],
            exclude: ["exports.map"], swiftSettings: settings(isOnTheWay: false),
            linkerSettings: libraryLinkage + embeddedLinkage),

        .executableTarget(
            name: "SNNBenchKernels", dependencies: ["SNNProducts", "SNNKernels", "CSystem"],
            path: "Benchmarks/Kernels", swiftSettings: swiftSettings),

        .target(
            name: "SNNTestSupport", dependencies: ["SNNCore", "SNNKernels", "CSystem"],
            // Optimized in debug builds too: its references run over millions of numbers.
            path: "Tests/SNNTestSupport", swiftSettings: swiftSettings + [.unsafeFlags(["-O"])]),
        .target(
            name: "SNNModelTestSupport",
            dependencies: ["SNNLayers", "SNNGraph", "SNNKernels", "SNNCore", "SNNTestSupport"],
            path: "Tests/SNNModelTestSupport",
            swiftSettings: swiftSettings + [.unsafeFlags(["-O"])]),
        tests("SNNCoreTests", ["SNNCore", "SNNTestSupport", "CCPU", "CSystem"]),
        .target(
            name: "CCountedKernels", dependencies: ["CKernels"], path: "Tests/CCountedKernels"),
        tests(
            "SNNKernelsTests",
            [
                "SNNKernels", "CKernels", "CCountedKernels", "SNNCore", "SNNTestSupport", "CSystem",
            ]),
        tests(
            "SNNLinearTests",
            ["SNNLinear", "SNNKernels", "SNNCore", "SNNTestSupport", "CSystem"]),
        tests(
            "SNNGraphTests",
            [
                "SNNGraph", "SNNLayers", "SNNKernels", "SNNCore", "SNNTestSupport",
                "SNNModelTestSupport", "CSystem",
            ]),
        tests(
            "SNNLayersTests",
            [
                "SNNLayers", "SNNGraph", "SNNKernels", "SNNCore", "SNNTestSupport",
                "SNNModelTestSupport", "CSystem",
            ]),
        tests(
            "SNNTrainingTests",
            [
                "SNNTraining", "SNNLayers", "SNNGraph", "SNNKernels", "SNNCore", "SNNTestSupport",
                "SNNModelTestSupport", "CSystem",
            ]),
        tests(
            "SNNCheckpointTests",
            [
                "SNNCheckpoint", "SNNLayers", "SNNGraph", "SNNKernels", "SNNCore", "SNNTestSupport",
                "CHDF5", "CSystem",
            ]),
        tests(
            "SwiftNNTests",
            [
                "SwiftNN", "SNNGraph", "SNNCheckpoint", "SNNTraining", "SNNCore", "SNNTestSupport",
                "CSystem",
            ]),
    ]
)
