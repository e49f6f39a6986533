using System.Reflection;
using System.Text;
using Protean.Client.Proof;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Node.Configuration;
using Protean.Node.Transport;
using Protean.Runtime;
using Protean.Units;
using Protean.Wasm;
using Protean.Workflows;
using Protean.Workflows.Language;

namespace Protean.Fuzz;

/// <summary>Every decoder of the system that meets bytes from outside.</summary>
public static class Targets
{
    private static readonly Assembly[] Assemblies =
        [typeof(Canonical).Assembly, typeof(Catalog).Assembly, typeof(ProofFile).Assembly, typeof(Hello).Assembly];

    /// <summary>All types with a canonical form: a new one is fuzzed without being listed.</summary>
    public static IReadOnlyList<Type> CanonicalTypes { get; } =
    [
        .. Assemblies.SelectMany(static assembly => assembly.GetTypes()).Where(static type => CanonicalForm.IsFormOf(type))
            .OrderBy(static type => type.FullName, StringComparer.Ordinal),
    ];

    public static IReadOnlyList<FuzzTarget> All { get; } = [.. CanonicalTypes.Select(CanonicalForm.TargetOf), .. Others()];

    public static FuzzTarget? Find(string name) => All.FirstOrDefault(target => target.Name == name);

    private static IEnumerable<FuzzTarget> Others()
    {
        yield return new FuzzTarget("workflow-file", 4096, static input =>
            Encoding.UTF8.GetString(input) is var text && Application.Read(text, "fuzz.yaml", Catalog.Published).Application is not null);
        yield return new FuzzTarget("contract-module", 512, static input => Engine.Check(input) is null);
        yield return new FuzzTarget("genesis-file", 1024, static input => FromFile(input, path => GenesisFile.Read(path)));
        yield return new FuzzTarget("node-configuration", 1024, static input => FromFile(input, path => NodeConfiguration.Read(path)));
        yield return new FuzzTarget("peer-frames", 64, ReadFrames);
        yield return new FuzzTarget("values", 64, static input => input.Length > 0
            && Values.IsOf(Kinds[input[0] % Kinds.Length], input.AsSpan(1)));
        yield return new FuzzTarget("ciphertexts", 64, static input =>
            Ciphertexts.TryDecode(input, OneCore.Instance, out var read) && IsSame(input, read.Encode()));
        yield return new FuzzTarget("ballot", 64, static input =>
            Ballot.TryDecode(input, (input.Length - Ballot.EncodedSize(0)) / (Ballot.EncodedSize(1) - Ballot.EncodedSize(0)), out var read)
            && IsSame(input, read.Encode()));
        yield return new FuzzTarget("neff-proof", 64, static input =>
            NeffProof.TryDecode(input, (int)((input.Length - NeffProof.Size(0)) / (NeffProof.Size(1) - NeffProof.Size(0))), OneCore.Instance, out var read)
            && IsSame(input, read.Encode()));
        yield return new FuzzTarget("terelius-wikstrom-proof", 64, static input =>
            TereliusWikstromProof.TryDecode(
                input, (int)((input.Length - TereliusWikstromProof.Size(0)) / (TereliusWikstromProof.Size(1) - TereliusWikstromProof.Size(0))), OneCore.Instance, out var read)
            && IsSame(input, read.Encode()));
        yield return new FuzzTarget("point", 64, static input => input.Length == Point.Size && Point.TryDecode(input, out _));
    }

    private static ValueKind[] Kinds { get; } = Enum.GetValues<ValueKind>();
    private static WasmEngine Engine { get; } = new();

    private static bool IsSame(byte[] input, byte[] again) =>
        again.AsSpan().SequenceEqual(input) ? true : throw new InvalidOperationException($"accepted, yet encoded as {Convert.ToHexStringLower(again)}");

    private static bool ReadFrames(byte[] input)
    {
        try
        {
            using var stream = new MemoryStream(input);
            var frames = new FrameReader(stream);
            var any = false;
            while (frames.ReadAsync(Limits.MaxFrame, Timeout.InfiniteTimeSpan, CancellationToken.None).AsTask().GetAwaiter().GetResult() is { } content)
            {
                if (content.Length > 0) Frame.Parse(default, content);
                any = true;
            }
            return any;
        }
        catch (MalformedException)
        {
            return false;
        }
    }

    private static bool FromFile<T>(byte[] input, Func<string, T> read)
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, input);
            return read(path) is not null;
        }
        catch (Protean.Node.RefusedException)
        {
            return false;
        }
        finally
        {
            File.Delete(path);
        }
    }
}
