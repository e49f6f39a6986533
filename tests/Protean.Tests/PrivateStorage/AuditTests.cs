using Protean.Client.Audit;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;
using Protean.State;
using Protean.Tests.Client;
using Protean.Tests.Tidy;
using Protean.Units.PrivateStorage;
using Xunit;
using static Protean.Tests.PrivateStorage.StorageFixture;

namespace Protean.Tests.PrivateStorage;

/// <summary>Who has asked to read a secret, shown to strangers.</summary>
public sealed class AuditTests
{
    private const string GenesisRecords = "PRT-AUD-0003";

    private readonly StorageFixture _storage = new();
    private readonly GenesisFixture _nodes = new(["directory", "compiler", "private-storage"]);
    private readonly Secret _secret;
    private readonly AuditFile _file;

    public AuditTests()
    {
        _secret = _storage.Written(Alice, _storage.Readers(Bob.PublicKey).Id);
        Assert.NotNull(_storage.Get(_secret, Bob));
        Assert.Null(_storage.Get(_secret, Carol));
        var policy = _storage.Trail(_secret)[0].Policy;
        _file = new AuditFile(
            _nodes.Genesis, [], Unit.UnitId, _secret.Id, [ShownAt(8, StorageKeys.AuditPageOf(_secret.Id, 0), StorageKeys.AuditCount(_secret.Id), StorageKeys.Secret(_secret.Id)),
                ShownAt(9, null, StorageKeys.PolicyVersion(policy))]);
    }

    private UnitEntry Unit => new LinkedDirectory(_nodes.Genesis).Find("private-storage")!;

    [Fact]
    public void A_trail_is_shown_whole_with_the_policies_that_decided()
    {
        Assert.Null(Verify(_file, out var trail));
        Assert.Equal(["", "PRT-PST-0036"], trail!.Trail.Select(static entry => entry.Refused));
        Assert.Equal([Bob.PublicKey, Carol.PublicKey], trail.Trail.Select(static entry => Assert.Single(entry.Signers)));
        Assert.Equal(PolicyExpression.OfKeys(Bob.PublicKey), trail.Policies[trail.Trail[0].Policy].Rule(PolicyAction.Read));
        Assert.Equal((_secret, 8ul), (trail.Secret, trail.Height));
    }

    [Fact]
    public void Bytes_that_are_no_audit_and_changed_ones_are_refused()
    {
        var bytes = Canonical.Encode(_file);
        Assert.True(AuditFile.IsOne(bytes));
        Assert.Equal("PRT-AUD-0001", AuditVerifier.Verify([], _nodes.Genesis.ChainId, out _)?.Code);
        Assert.Equal("PRT-AUD-0001", AuditVerifier.Verify(bytes.AsSpan(1), _nodes.Genesis.ChainId, out _)?.Code);
        foreach (var flipped in Cryptography.Fixtures.BitFlips(bytes, stride: 997))
            Assert.NotNull(AuditVerifier.Verify(flipped, _nodes.Genesis.ChainId, out _));
    }

    [Fact]
    [LeavesOut(typeof(AuditVerifier), "Checks")]
    public void Each_check_of_an_audit_is_needed()
    {
        var (reads, policy) = (_file.Shown[0], _file.Shown[1]);
        var (page, count, secret) = (StorageKeys.AuditPageOf(_secret.Id, 0), StorageKeys.AuditCount(_secret.Id), StorageKeys.Secret(_secret.Id));
        var link = new EpochLink(EpochRecord.OfGenesis(_nodes.Genesis), new Receipt(
            new ResultLeaf(default, 0, default, default, default, "", ResultStatus.Ok, default), 0, [], reads.Seal));
        (string Code, AuditFile File)[] bad =
        [
            ("PRT-AUD-0004", _file with { Epochs = [link] }),
            ("PRT-AUD-0005", _file with { Shown = [reads with { Seal = reads.Seal with { Header = reads.Header with { TimeMs = 1 } } }, policy] }),
            ("PRT-AUD-0006", _file with { Shown = [reads with { Seal = Sealed(8, Digest.Zero) }, policy] }),
            ("PRT-AUD-0007", _file with { Shown = [ShownAt(8, page, count), policy] }),
            ("PRT-AUD-0008", _file with { Shown = [ShownAt(8, null, count, secret), policy] }),
            ("PRT-AUD-0009", _file with { Shown = [reads] }),
        ];
        foreach (var (code, file) in bad)
        {
            Assert.Equal(code, Verify(file, out _)?.Code);
            Assert.True(Verify(file, out _, code) is null, $"{code}: {Verify(file, out _, code)}");
        }
        Assert.Equal("PRT-AUD-0002", AuditVerifier.Verify(Canonical.Encode(_file), Digest.Zero, out _)?.Code);
        Assert.Null(AuditVerifier.Verify(Canonical.Encode(_file), Digest.Zero, out _, "PRT-AUD-0002"));
        // The genesis' hash is in all that is signed: the whole network would have to run on a bad one. Its rules are left out in their own tests.
        Assert.Equal(AuditVerifier.Codes, bad.Select(static one => one.Code).Append("PRT-AUD-0002").Append(GenesisRecords).Order());
    }

    private Refusal? Verify(AuditFile file, out AuditTrail? trail, string? without = null) =>
        AuditVerifier.Verify(Canonical.Encode(file), _nodes.Genesis.ChainId, out trail, without);

    private ProvenHeight ShownAt(ulong height, Bytes? prefix, params IReadOnlyList<Bytes> keys)
    {
        var root = new StateRoot([(ProvenHeight.DataMap, _storage.Unit.State.Root)]);
        IReadOnlyList<Bytes> prefixes = prefix is { } whole ? [whole] : [];
        return new ProvenHeight(
            Sealed(height, root.Root), new StateWitness(root.Open(ProvenHeight.DataMap), _storage.Unit.State.Prove([.. keys.Order()], prefixes)));
    }

    private SealedHeader Sealed(ulong height, Digest stateRoot)
    {
        var directory = new LinkedDirectory(_nodes.Genesis);
        var context = new UnitContext(directory.ChainId, Unit.UnitId, 0, directory.CommitteeOf(Unit.UnitId, 0)!.Hash);
        var header = new SealHeader(context, height, Digest.Zero, height, Digest.Zero, stateRoot, MerkleTree.Root([]), 0);
        var signatures = Enumerable.Range(1, 3).Select(i => KeyValuePair.Create(new MemberId((ushort)i), _nodes.ConsensusKeys[i - 1].Sign(header.SignedPayload())));
        return new SealedHeader(header, QuorumSignature.Of(GenesisFixture.Size, signatures));
    }
}
