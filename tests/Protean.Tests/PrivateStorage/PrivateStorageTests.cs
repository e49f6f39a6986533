using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;
using Protean.Tests.KeyGeneration;
using Protean.Tests.Tidy;
using Protean.Tests.Units;
using Protean.Units.PrivateStorage;
using Protean.Workflows;
using Xunit;
using static Protean.Tests.PrivateStorage.StorageFixture;

namespace Protean.Tests.PrivateStorage;

/// <summary>What the private-storage unit promises, and what its attackers try (protocols 5).</summary>
public sealed class PrivateStorageTests
{
    private readonly StorageFixture _storage = new();

    [Fact]
    public void A_reader_whom_the_policy_allows_gets_the_secret_and_others_get_a_recorded_refusal()
    {
        var secret = _storage.Written(Alice, _storage.Readers(Bob.PublicKey).Id, "the plan");
        Assert.Equal("the plan", _storage.Get(secret, Bob));
        using var ephemeral = ReaderKey.Random(_storage.Unit.Random);
        var refused = Assert.IsType<Outcome.Failed>(_storage.Read(_storage.Ask(secret, Carol, ephemeral), Carol));
        Assert.Equal("PRT-PST-0036", refused.Code);
        Assert.Equal(["", "PRT-PST-0036"], _storage.Trail(secret).Select(static entry => entry.Refused));
        Assert.Equal([Bob.PublicKey, Carol.PublicKey], _storage.Trail(secret).Select(static entry => Assert.Single(entry.Signers)));
    }

    [Fact]
    public void Nothing_of_a_secret_stands_in_the_clear()
    {
        var secret = _storage.Written(Alice, _storage.Readers(Bob.PublicKey).Id, "a very private plan");
        Assert.True(Canonical.Encode(secret).AsSpan().IndexOf("private plan"u8) < 0);
        Assert.Equal(secret, Canonical.Decode<Secret>(Canonical.Encode(secret)));
    }

    [Fact]
    public void A_copied_ciphertext_is_refused_under_every_other_policy_owner_and_time()
    {
        var (policy, own) = (_storage.Readers(Bob.PublicKey), _storage.Readers(Carol.PublicKey));
        var secret = _storage.Seal(Alice, policy.Id);
        SecretLabel[] others =
        [
            secret.Label with { PolicyId = own.Id, Owner = Carol.PublicKey, Group = new Digest(Carol.PublicKey.Span) },
            secret.Label with { PolicyId = own.Id }, secret.Label with { ReleaseMs = ulong.MaxValue }, secret.Label with { IsPinned = true, PolicyId = own.Hash },
            secret.Label with { Note = Protean.Codec.Bytes.Of("mine") }, secret.Label with { KeyCommitment = Digest.Zero },
        ];
        foreach (var label in others)
        {
            var copy = secret with { Label = label };
            var owner = label.Owner == Alice.PublicKey ? Alice : Carol;
            copy = copy with { OwnerSignature = owner.Sign(Secret.SignedPayload(_storage.Unit.Network.ChainId, copy.Id)) };
            if (label.ReleaseMs is not null) copy = copy with { Data = secret.Data };
            Assert.Equal("PRT-PST-0021", _storage.Write(owner, copy).Code());
        }
    }

    // Carol may read her own secret, and asks for it under a key that would turn it into Alice's.
    [Fact]
    public void Access_to_one_secret_opens_no_other()
    {
        var alices = _storage.Written(Alice, _storage.Readers(Bob.PublicKey).Id);
        var carols = _storage.Written(Carol, _storage.Readers(Carol.PublicKey).Id);
        using var ephemeral = ReaderKey.Random(_storage.Unit.Random);
        var honest = _storage.Ask(carols, Carol, ephemeral);
        var crafted = honest with { Proven = honest.Proven with { Key = alices.Key.U - carols.Key.U + ephemeral.Public } };
        Assert.Equal("PRT-PST-0035", _storage.Read(crafted, Carol).Code());
        Assert.Equal("PRT-PST-0035", Assert.Single(_storage.Trail(carols)).Refused);
    }

    [Fact]
    public void A_request_serves_nobody_but_the_reader_that_it_names()
    {
        var secret = _storage.Written(Alice, _storage.Readers(Bob.PublicKey, Carol.PublicKey).Id);
        var other = _storage.Written(Alice, _storage.Readers(Bob.PublicKey).Id);
        using var ephemeral = ReaderKey.Random(_storage.Unit.Random);
        var bobs = _storage.Ask(secret, Bob, ephemeral);
        Assert.Equal("PRT-PST-0034", _storage.Read(bobs, Carol).Code());
        Assert.Equal("PRT-PST-0035", _storage.Read(bobs with { Reader = Carol.PublicKey }, Carol).Code());
        Assert.Equal("PRT-PST-0035", _storage.Read(bobs with { SecretId = other.Id }, Bob).Code());
        Assert.Equal("PRT-PST-0032", _storage.Read(bobs with { KeyId = Digest.Zero }, Bob).Code());
        Assert.Equal("PRT-PST-0031", _storage.Read(bobs with { SecretId = Digest.Zero }, Bob).Code());
        Assert.IsType<Outcome.Pending>(_storage.Read(bobs, Bob));
    }

    [Fact]
    public void Garbage_shares_first_wrong_indices_and_repeated_ones_neither_count_nor_stop_the_read()
    {
        var secret = _storage.Written(Alice, _storage.Readers(Bob.PublicKey).Id);
        using var ephemeral = ReaderKey.Random(_storage.Unit.Random);
        var pending = Assert.IsType<Outcome.Pending>(_storage.Read(_storage.Ask(secret, Bob, ephemeral), Bob));
        var result = _storage.Member("read", pending, 0);
        Assert.True(ProvenShare.TryDecode(_storage.Member("read", pending, 1).OwnShare!.Value.Span, out var good));
        Assert.False(result.Accept(new MemberId(2), Protean.Codec.Bytes.Of("garbage")));
        Assert.False(result.Accept(new MemberId(2), Encoded(good with { Value = Point.Base })));
        Assert.False(result.Accept(new MemberId(9), Encoded(good with { Index = 9 })));
        Assert.False(result.Accept(new MemberId(3), Encoded(good)));
        Assert.Equal((1, 3), result.Progress);
        Assert.True(result.Accept(new MemberId(2), Encoded(good)));
        Assert.True(result.Accept(new MemberId(2), Encoded(good)));
        Assert.Equal((2, 3), result.Progress);
        Assert.True(result.Accept(new MemberId(4), _storage.Member("read", pending, 3).OwnShare!.Value));
        Assert.Equal(_storage.Together("read", pending), result.Result);

        static Bytes Encoded(ProvenShare share) => Protean.Codec.Bytes.Wrap(share.Encode());
    }

    [Fact]
    public void Policies_change_for_those_whom_their_rules_allow_it()
    {
        var first = _storage.Readers(Bob.PublicKey);
        var secret = _storage.Written(Alice, first.Id);
        var pinned = _storage.Seal(Alice, first.Hash, change: static label => label with { IsPinned = true });
        Assert.Null(_storage.Write(Alice, pinned).Code());
        var id = new NamedValue("policy", new Bytes(first.Id.Span));
        Assert.Null(_storage.Get(secret, Carol));

        Assert.Equal("PRT-PST-0043", _storage.Unit.Direct("delegate", Bob.PublicKey, [id, StorageFixture.Bytes("reader", Only(Carol))]).Code());
        Assert.Null(_storage.Unit.Direct("delegate", Alice.PublicKey, [id, StorageFixture.Bytes("reader", Only(Carol))]).Code());
        Assert.Equal("secret", _storage.Get(secret, Carol));

        var bob = new NamedValue("key", new Bytes(Bob.PublicKey.Span));
        Assert.Equal("PRT-PST-0043", _storage.Unit.Direct("revoke", Carol.PublicKey, [bob, id]).Code());
        Assert.Null(_storage.Unit.Direct("revoke", Alice.PublicKey, [bob, id]).Code());
        Assert.Null(_storage.Get(secret, Bob));
        Assert.Equal("secret", _storage.Get(secret, Carol));

        // What is pinned stays with the version that its writer chose.
        Assert.Equal("secret", _storage.Get(pinned, Bob));
        Assert.Null(_storage.Get(pinned, Carol));

        var current = first.WithReader(Only(Carol)).Without(Bob.PublicKey);
        var next = current.Next([new(PolicyAction.Read, Only(Bob)), new(PolicyAction.Evolve, Only(Bob))], []);
        Assert.Equal("PRT-PST-0043", _storage.Unit.Direct("evolve", Carol.PublicKey, [StorageFixture.Bytes("policy", next)]).Code());
        Assert.IsType<Outcome.Stale>(_storage.Unit.Direct("evolve", Alice.PublicKey, [StorageFixture.Bytes("policy", first.Next(next.Rules, []))]));
        Assert.Null(_storage.Unit.Direct("evolve", Alice.PublicKey, [StorageFixture.Bytes("policy", next)]).Code());
        Assert.Equal("secret", _storage.Get(secret, Bob));
        Assert.Equal("PRT-PST-0043", _storage.Unit.Direct("revoke", Alice.PublicKey, [bob, id]).Code());
    }

    [Fact]
    public void Several_principals_read_together()
    {
        var policy = _storage.Create(new PolicyRule(PolicyAction.Read, new PolicyExpression.Threshold(2, [Only(Alice), Only(Bob), Only(Carol)])));
        var secret = _storage.Written(Alice, policy.Id);
        Assert.Null(_storage.Get(secret, Bob));
        Assert.Equal("secret", _storage.Get(secret, Bob, Carol.PublicKey));
    }

    [Fact]
    public void What_is_opened_later_is_read_by_nobody_and_opened_by_anybody_when_due()
    {
        var release = _storage.Now + 10_000;
        var secret = _storage.Written(Alice, _storage.Readers(Bob.PublicKey).Id, "bid", release);
        var (plain, id) = (_storage.Written(Alice, _storage.Readers(Bob.PublicKey).Id), new NamedValue("secret", new Bytes(secret.Id.Span)));
        using var ephemeral = ReaderKey.Random(_storage.Unit.Random);
        Assert.Equal("PRT-PST-0033", _storage.Read(_storage.Ask(secret, Bob, ephemeral), Bob).Code());
        var early = Assert.IsType<Outcome.Refused>(_storage.Unit.Direct("open", Carol.PublicKey, [id]));
        Assert.Equal(("PRT-PST-0002", true), (early.Refusal.Code, early.Refusal.Retry));
        Assert.Equal("PRT-PST-0037", _storage.Unit.Direct("open", Carol.PublicKey, [new("secret", new Bytes(plain.Id.Span))]).Code());
        WaitFor(release);
        Assert.Equal("PRT-PST-0015", _storage.Write(Alice, _storage.Seal(Alice, secret.Label.PolicyId, "late", release)).Code());
        Assert.Null(_storage.Write(Alice, _storage.Seal(Alice, Digest.Zero, "for everybody", release + 1_000_000)).Code());
        var opened = _storage.Together("open", Assert.IsType<Outcome.Pending>(_storage.Unit.Direct("open", Carol.PublicKey, [id])));
        Assert.Equal("bid", Assert.Single(Values.ReadEntries(opened.Find("opened")!.Value.Span)).Value.ToText());
    }

    [Fact]
    public void A_run_s_secrets_are_opened_together_in_the_order_of_the_log_and_spoilt_ones_have_a_fixed_value()
    {
        var (release, run, policy) = (_storage.Now + 20_000, new RevealRun(_storage.Unit.Network), _storage.Readers(Bob.PublicKey).Id);
        var spoilt = _storage.Seal(Bob, policy, "b", release, run.Instance.Id);
        spoilt = Relabelled(spoilt, Bob, spoilt.Label with { KeyCommitment = Digest.Zero });
        Secret[] secrets =
            [_storage.Seal(Alice, policy, "a", release, run.Instance.Id), spoilt, _storage.Seal(Carol, policy, "c", release, run.Instance.Id)];
        foreach (var (secret, who) in secrets.Zip([Alice, Bob, Carol])) Assert.Null(run.Write(_storage.Unit, who, secret).Code());
        // A stranger's, outside the run, is not among them.
        Assert.Equal("PRT-PST-0012", _storage.Write(Alice, _storage.Seal(Alice, policy, "stranger", release, run.Instance.Id)).Code());
        Assert.Equal("PRT-PST-0002", run.Reveal(_storage.Unit, release).Code());
        WaitFor(release);
        var pending = Assert.IsType<Outcome.Pending>(run.Reveal(_storage.Unit, release));
        var outputs = _storage.Together("reveal", pending);
        var opened = Values.ReadEntries(outputs.Find("opened")!.Value.Span);
        Assert.Equal(["a", OpenedTogether.ValueOfSpoilt(spoilt.Id).ToText(), "c"], opened.Select(static one => one.Value.ToText()));
        Assert.Equal([Alice.PublicKey, Bob.PublicKey, Carol.PublicKey], opened.Select(static one => new PublicKey(one.Key.Span[8..])));

        // In one hash, and in no sum: what is left out, copied or in another order gives another value.
        Assert.Equal(PrivateStorageTransactions.Combine(outputs.Find("opened")!.Value), outputs.Find("combined"));
        Assert.NotEqual(PrivateStorageTransactions.Combine(Values.OfEntries([.. opened.Take(2)])), outputs.Find("combined"));

        var result = _storage.Member("reveal", pending, 0);
        Assert.False(result.Accept(new MemberId(2), Protean.Codec.Bytes.Of("garbage")));
        Assert.False(result.Accept(new MemberId(3), _storage.Member("reveal", pending, 1).OwnShare!.Value));
        Assert.Equal((1, 3), result.Progress);
        Assert.Empty(Values.ReadEntries(run.Reveal(_storage.Unit, release - 1).Output("opened").Span));
    }

    // A secret for whoever has paid: in a run of this workflow, and each for themselves.
    [Fact]
    public void Whoever_holds_a_receipt_reads_and_nobody_by_anothers()
    {
        var run = new RevealRun(_storage.Unit.Network);
        var paid = new PolicyExpression.Receipt(RevealRun.Workflow.CodeHash, _storage.Unit.Network.IdOf("state"), "commit", []);
        var secret = _storage.Written(Alice, _storage.Create(new PolicyRule(PolicyAction.Read, paid)).Id);
        var otherRun = _storage.Written(Alice, _storage.Create(new PolicyRule(PolicyAction.Read, paid with { Parameters = [new("price", Values.OfU64(5))] })).Id);
        var otherFlow = _storage.Written(Alice, _storage.Create(new PolicyRule(PolicyAction.Read, paid with { Workflow = Digest.Zero })).Id);
        var otherUnit = _storage.Written(Alice, _storage.Create(new PolicyRule(PolicyAction.Read, paid with { UnitId = Digest.Zero })).Id);
        using var ephemeral = ReaderKey.Random(_storage.Unit.Random);
        Assert.IsType<Outcome.Pending>(run.Read(_storage.Unit, Bob, _storage.Ask(secret, Bob, ephemeral), RevealRun.Pay));
        Assert.Equal("PRT-PST-0036", run.Read(_storage.Unit, Bob, _storage.Ask(secret, Bob, ephemeral), RevealRun.PayOnce).Code());
        Assert.Equal("PRT-PST-0036", run.Read(_storage.Unit, Bob, _storage.Ask(secret, Bob, ephemeral), RevealRun.Pay, ResultStatus.Failed).Code());
        Assert.Equal("PRT-PST-0036", run.Read(_storage.Unit, Bob, _storage.Ask(secret, Bob, ephemeral), RevealRun.Pay, function: "call").Code());
        Assert.Equal("PRT-PST-0034", run.Read(_storage.Unit, Carol, _storage.Ask(secret, Bob, ephemeral), RevealRun.Pay).Code());
        Assert.Equal("PRT-PST-0036", _storage.Read(_storage.Ask(secret, Bob, ephemeral), Bob).Code());
        foreach (var wrong in new[] { otherRun, otherFlow, otherUnit })
            Assert.Equal("PRT-PST-0036", run.Read(_storage.Unit, Bob, _storage.Ask(wrong, Bob, ephemeral), RevealRun.Pay).Code());
    }

    [Fact]
    [LeavesOut(typeof(WriteRules), nameof(WriteRules.Checks))]
    public void Each_check_of_a_write_is_needed()
    {
        var policy = _storage.Readers(Bob.PublicKey).Id;
        var good = CaseOf(_storage.Seal(Alice, policy, release: _storage.Now + 1_000_000));
        var (longText, taken) = (new string('x', Protean.Limits.MaxReleasedData + 1), _storage.Written(Alice, policy));
        _storage.Unit.State.Put(new Protean.State.MapEntry(
            StorageKeys.ReleaseCount(good.Group, 5_000_000), 1, Protean.Codec.Bytes.Empty, Values.OfU64(Protean.Limits.MaxReleased)));
        var (foreignData, forged) = (good.Secret with { Data = taken.Data }, good.Secret with { OwnerSignature = default });
        Needed.EachIs(WriteRules.Checks, good,
            ("PRT-PST-0011", CaseOf(Relabelled(good.Secret, Alice, good.Label with { KeyId = Digest.Zero }))),
            ("PRT-PST-0012", CaseOf(_storage.Seal(Alice, policy, group: Digest.Zero))),
            ("PRT-PST-0013", good with { Admitted = good.Admitted with { Signers = [Bob.PublicKey] } }),
            ("PRT-PST-0014", CaseOf(_storage.Seal(Alice, Hash.H("no policy", [])))),
            ("PRT-PST-0014", CaseOf(_storage.Seal(Alice, Digest.Zero))),
            ("PRT-PST-0015", CaseOf(_storage.Seal(Alice, policy, release: 1))),
            ("PRT-PST-0016", CaseOf(_storage.Seal(Alice, policy, release: 5_000_000))),
            ("PRT-PST-0017", CaseOf(_storage.Seal(Alice, policy, longText, _storage.Now + 1_000_000))),
            ("PRT-PST-0018", good with { Secret = foreignData }),
            ("PRT-PST-0019", CaseOf(taken)),
            ("PRT-PST-0020", good with { Secret = forged }),
            ("PRT-PST-0021", CaseOf(Resigned(good.Secret with { Label = good.Label with { Note = Protean.Codec.Bytes.Of("x") } }, Alice))));
    }

    [Fact]
    [LeavesOut(typeof(ReadRules), nameof(ReadRules.Checks))]
    public void Each_check_of_a_read_is_needed()
    {
        var secret = _storage.Written(Alice, _storage.Readers(Bob.PublicKey).Id);
        var released = _storage.Written(Alice, _storage.Readers(Bob.PublicKey).Id, release: _storage.Now + 1_000_000);
        var foreign = _storage.Written(Alice, _storage.Readers(Carol.PublicKey).Id);
        PolicyExpression bomb = Only(Bob);
        for (var level = 0; level < 9; level++)
            bomb = new PolicyExpression.Named(_storage.Create(new PolicyRule(PolicyAction.Read, bomb)).Id);
        var deep = _storage.Written(Alice, _storage.Create(new PolicyRule(PolicyAction.Read, new PolicyExpression.Or([Only(Bob), bomb]))).Id);
        using var ephemeral = ReaderKey.Random(_storage.Unit.Random);
        var good = CaseOf(secret);
        Needed.EachIs(ReadRules.Checks, good,
            ("PRT-PST-0032", good with { Request = Reproven(good.Request with { KeyId = Digest.Zero }) }),
            ("PRT-PST-0033", CaseOf(released)),
            ("PRT-PST-0034", good with { Request = Reproven(good.Request with { Reader = Carol.PublicKey }) }),
            ("PRT-PST-0035", good with { Request = good.Request with { Nonce = Digest.Zero } }),
            ("PRT-PST-0036", CaseOf(foreign)));
        Assert.Equal("a policy beyond its bounds", ReadRules.Checks.FirstRefusal(CaseOf(deep))?.Got);

        ReadCase CaseOf(Secret asked) =>
            new(_storage.Ask(asked, Bob, ephemeral), asked, Admitted("read", Bob.PublicKey), _storage.Key, _storage.Unit.State);

        SecretRequest Reproven(SecretRequest request) => request with { Proven = ephemeral.Prove(_storage.Key, request.Context, _storage.Unit.Random) };
    }

    [Fact]
    [LeavesOut(typeof(PolicyRules), nameof(PolicyRules.Checks))]
    public void Each_check_of_a_policy_s_change_is_needed()
    {
        var policy = _storage.Readers(Bob.PublicKey);
        var good = new PolicyChange(PolicyAction.Evolve, policy, policy.Without(Bob.PublicKey), Admitted("evolve", Alice.PublicKey), _storage.Unit.State);
        PublicKey[] many = [.. Enumerable.Range(0, Protean.Limits.MaxRevoked + 1).Select(static i => new PublicKey(Hash.H("test/key", BitConverter.GetBytes(i)).Span)).Order()];
        Assert.Equal("PRT-PST-0041", PolicyRules.Checks.FirstRefusal(good with { Current = null })?.Code);
        Assert.Throws<NullReferenceException>(() => PolicyRules.Checks.FirstRefusal(good with { Current = null }, without: "PRT-PST-0041"));
        Assert.Equal("PRT-PST-0041", PolicyRules.Checks[0].Code);
        Needed.EachIs(new Requirements<PolicyChange>([.. PolicyRules.Checks.Skip(1)]), good,
            ("PRT-PST-0042", good with { Next = good.Next! with { Previous = Digest.Zero } }),
            ("PRT-PST-0043", good with { Admitted = Admitted("evolve", Bob.PublicKey) }),
            ("PRT-PST-0044", good with { Next = policy.Next(policy.Rules, many) }));
    }

    [Fact]
    public void A_policy_is_created_under_its_own_name_alone()
    {
        var policy = Policy.First(Digest.Zero, new PolicyRule(PolicyAction.Read, Only(Bob)));
        foreach (var wrong in new[] { policy with { Id = Hash.H("x", []) }, policy with { Version = 1 }, policy with { Revoked = [Bob.PublicKey] } })
            Assert.Equal("PRT-PST-0040", _storage.Unit.Direct(
                "create", Alice.PublicKey, [new("nonce", new Bytes(Digest.Zero.Span)), StorageFixture.Bytes("policy", wrong)]).Code());
    }

    private void WaitFor(ulong timeMs)
    {
        while (_storage.Now < timeMs) Assert.NotNull(_storage.Unit.Direct("write", Alice.PublicKey, [new("secret", Protean.Codec.Bytes.Empty)]).Code());
    }

    private WriteCase CaseOf(Secret secret) => new(
        secret, Admitted("write", secret.Label.Owner), _storage.Key, _storage.Unit.Context, Ed25519Scheme.Instance, _storage.Unit.State, _storage.Now);

    private static AdmittedRequest Admitted(string function, PublicKey caller) => new(
        PrivateStorageTransactions.All.Single(one => one.Name == function), [], caller, [caller], Digest.Zero, Digest.Zero, 0, Digest.Zero, Digest.Zero, 0,
        null, null, Proofs.None)
    {
        Quota = new Quota(0, false, Digest.Zero),
    };

    private Secret Resigned(Secret secret, SigningKey owner) =>
        secret with { OwnerSignature = owner.Sign(Secret.SignedPayload(_storage.Unit.Network.ChainId, secret.Id)) };

    // Well-formed under any label, its commitment's included.
    private Secret Relabelled(Secret secret, SigningKey owner, SecretLabel label)
    {
        using var dataKey = DataKey.Random(_storage.Unit.Random);
        using var sealing = new KeySealing(_storage.Key, dataKey, _storage.Unit.Random);
        return Resigned(secret with { Label = label, Key = sealing.Seal(label.ToBytes(), _storage.Unit.Random) }, owner);
    }
}
