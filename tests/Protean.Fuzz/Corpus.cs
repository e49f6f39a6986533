using System.Runtime.CompilerServices;
using Protean.Client.Proof;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Runtime;

namespace Protean.Fuzz;

/// <summary>Inputs kept beside the sources: good ones to start from, and every one that broke a law once. One folder per target, files
/// named by their hash.</summary>
public static class Corpus
{
    private const int MadeUpEach = 3;
    private const int MaxSeed = 8 << 10;

    public static string Folder { get; } = Path.Combine(Here(), "corpus");

    /// <summary>In order of name; empty where the target has none.</summary>
    public static IReadOnlyList<byte[]> Of(FuzzTarget target)
    {
        var folder = Path.Combine(Folder, target.Name);
        return Directory.Exists(folder)
            ? [.. Directory.GetFiles(folder).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)] : [];
    }

    /// <returns>The file's path.</returns>
    public static string Add(FuzzTarget target, byte[] input)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Folder, target.Name)).FullName;
        var path = Path.Combine(folder, Hash.Blake2b(input).ToString()[..16]);
        File.WriteAllBytes(path, input);
        return path;
    }

    /// <summary>Adds good inputs for every target.</summary>
    public static void AddSeeds()
    {
        var root = Path.Combine(Folder, "../../..");
        var proof = Canonical.Decode<ProofFile>(File.ReadAllBytes(Path.Combine(root, "tests/Protean.Tests/Client/golden/lottery-1.proof")));
        var seeds = new Seeds(1, proof);
        foreach (var type in Targets.CanonicalTypes)
        {
            // A real one, and of those made up the longest: they have the most in them.
            foreach (var seed in Fitting(seeds.Real(type)).Take(1).Concat(Fitting(seeds.MadeUp(type)).TakeLast(MadeUpEach))) Add(CanonicalForm.TargetOf(type), seed);
        }
        Add(Targets.Find("workflow-file")!, File.ReadAllBytes(Path.Combine(root, "examples/lottery/lottery.yaml")));
        Add(Targets.Find("contract-module")!, File.ReadAllBytes(Path.Combine(root, "examples/token/token.wasm")));
        Add(Targets.Find("genesis-file")!, Canonical.Encode(proof.Genesis));
        Add(Targets.Find("node-configuration")!,
            """{"data":"data","keys":"keys","genesis":"g","listenPeer":"127.0.0.1:1","listenApi":"[::1]:2"}"""u8.ToArray());
        Add(Targets.Find("peer-frames")!, [40, 0, 0, 0, .. new byte[40], 0, 0, 0, 0]);
        Add(Targets.Find("values")!, [(byte)Array.IndexOf(Enum.GetValues<ValueKind>(), ValueKind.U64), .. new byte[sizeof(ulong)]]);
        Add(Targets.Find("point")!, Point.Base.Span.ToArray());
    }

    private static IEnumerable<byte[]> Fitting(IEnumerable<byte[]> seeds) => seeds.Where(static seed => seed.Length <= MaxSeed);

    private static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
