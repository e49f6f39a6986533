using System.Globalization;
using Protean.Cryptography;
using Protean.KeyGeneration;
using Protean.Runtime;
using Protean.Units.PrivateStorage;

namespace Protean.Benchmarks;

/// <summary>Figures of private storage on one core, as ratios to one multiplication of a variable point by libsodium in the same run.</summary>
internal sealed class Storage(TimeSpan multiplication, bool quick)
{
    private const int DataBytes = 100, Committee = 4;

    private static readonly SystemRandom Random = SystemRandom.Instance;

    public static void Print(bool quick)
    {
        var (scalar, point) = (Scalar.Random(Random), Point.MultiplyBase(Scalar.Random(Random)));
        var storage = new Storage(Micro.Time(500, () => _ = scalar * point), quick);
        storage.Write();
        foreach (var members in new[] { 4, 16, 31, 64 }) storage.Read(members);
        storage.Reveal(quick ? 100 : 1_000);
    }

    private void Write()
    {
        using var sharing = new Sharing(Committee);
        using var owner = SigningKey.Generate(Random);
        var data = new byte[DataBytes];
        Secret Seal() => Sealed(sharing.Key, owner, data, release: null);
        var secret = Seal();
        var label = secret.Label.ToBytes();
        Tell("write: sealed and signed by the client", Micro.Time(Rounds, () => Seal()));
        Tell("write: proof checked by a member", Micro.Time(Rounds, () => Require(secret.Key.Refusal(sharing.Key, label))));
        Tell("write: owner's signature checked by a member", Micro.Time(Rounds, () =>
        {
            if (!Ed25519.Verify(secret.Label.Owner, Secret.SignedPayload(Digest.Zero, secret.Id), secret.OwnerSignature)) throw new InvalidOperationException("an honest signature was refused");
        }));
    }

    private void Read(int members)
    {
        using var sharing = new Sharing(members);
        using var owner = SigningKey.Generate(Random);
        using var ephemeral = ReaderKey.Random(Random);
        var secret = Sealed(sharing.Key, owner, new byte[DataBytes], release: null);
        var request = SecretRequest.Create(sharing.Key, secret.Id, owner.PublicKey, ephemeral, Random);
        var reencryption = secret.Key.Reencryption(secret.Id, request.Id, request.Proven.Key, sharing.Public, SodiumMultiScalar.Instance);
        ProvenShare[] shares = [.. sharing.Secrets.Take(sharing.Threshold).Select((own, i) => reencryption.Prove((ushort)(i + 1), own, Random))];
        Tell($"read: all work of one member of {members}, t={sharing.Threshold}", Micro.Time(quick ? 5 : 20, () =>
        {
            Require(request.Proven.Refusal(sharing.Key, request.Context, secret.Key));
            reencryption.Prove(1, sharing.Secrets[0], Random);
            foreach (var share in shares[1..]) Require(reencryption.Refusal(share));
            reencryption.Combine(shares);
        }));
    }

    private void Reveal(int count)
    {
        using var sharing = new Sharing(Committee);
        using var owner = SigningKey.Generate(Random);
        Secret[] secrets = [.. Enumerable.Range(0, count).Select(_ => Sealed(sharing.Key, owner, new byte[DataBytes], release: 1))];
        OpenedTogether Of(int member) => new(sharing.Held(member), 0, secrets, Random);
        Protean.Codec.Bytes[] others = [.. Enumerable.Range(2, sharing.Threshold - 1).Select(member => Of(member).OwnShare!.Value)];
        Tell($"reveal of {count}: all work of one member of {Committee}", Micro.Time(1, () =>
        {
            var own = Of(1);
            foreach (var (i, share) in others.Index()) own.Accept(new MemberId((ushort)(i + 2)), share);
            if (own.Result is null) throw new InvalidOperationException("honest shares were refused");
        }));
    }

    private int Rounds => quick ? 50 : 500;

    private static Secret Sealed(LongTermKey key, SigningKey owner, byte[] data, ulong? release)
    {
        var terms = new SecretLabel(default, new Digest(owner.PublicKey.Span), default, false, owner.PublicKey, release, default, default, default);
        return Secret.Seal(key, terms, data, Digest.Zero, payload => owner.Sign(payload), Random);
    }

    private static void Require(string? refusal)
    {
        if (refusal is not null) throw new InvalidOperationException(refusal);
    }

    private void Tell(string what, TimeSpan time) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture, $"{what,-52}{Micro.Readable(time),12}{time / multiplication,12:0.00} multiplications"));

    /// <summary>A key shared among members by one who knows it.</summary>
    private sealed class Sharing : IDisposable
    {
        public Sharing(int members)
        {
            Threshold = (members / 2) + 1;
            using var polynomial = SecretPolynomial.Random(Threshold, Random);
            Secrets = [.. Enumerable.Range(1, members).Select(i => polynomial.Evaluate((ushort)i))];
            ThresholdPublicKey.TryCreate(polynomial.Commit(), members, out var key);
            Public = key!;
            Key = new LongTermKey(Public.Id(Digest.Zero), Public.PublicKey);
        }

        public int Threshold { get; }
        public IReadOnlyList<SecretScalar> Secrets { get; }
        public ThresholdPublicKey Public { get; }
        public LongTermKey Key { get; }

        public ThresholdKey Held(int member) => new(
            new GeneratedKey(PrivateStorageUnit.KeyPurpose, 0, 0, Digest.Zero, Public, default, default), new MemberId((ushort)member), Secrets[member - 1]);

        public void Dispose()
        {
            foreach (var secret in Secrets) secret.Dispose();
        }
    }
}
