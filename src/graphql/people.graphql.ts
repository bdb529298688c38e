import { CommandBus } from '@nestjs/cqrs';
import { Args, Mutation, Resolver } from '@nestjs/graphql';
import { AmendConstitution } from '#constitution/amend-constitution.js';
import { ConstitutionAmendedNow } from '#constitution/constitutions.api.js';
import { Allow } from '#doors/allow.js';
import { From } from '#doors/caller.js';
import { dispatch } from '#doors/dispatch.js';
import type { Origin } from '#doors/origin.js';
import { KeyRevokedNow, KeyShown } from '#key/keys.api.js';
import { RegisterKey } from '#key/register-key.js';
import { RevokeKey } from '#key/revoke-key.js';
import { AmendArgs, RegisterKeyArgs, RevokeKeyArgs } from './command-arguments.js';

/** What people decide with their keys, and the keys; carried out as the commands of REST are. */
@Resolver()
@Allow('owner')
export class PeopleGraph {
  constructor(private readonly bus: CommandBus) {}

  @Mutation(() => KeyShown, {
    nullable: true,
    description: 'make a public key known; signed by somebody known, but for the first one',
  })
  registerKey(@Args() { input }: RegisterKeyArgs, @From() origin: Origin): Promise<KeyShown> {
    return dispatch(this.bus, new RegisterKey(input.name, input.publicKey, input.signatures ?? [], origin));
  }

  @Mutation(() => KeyRevokedNow, {
    nullable: true,
    description: 'make the signatures of a key worthless from now on',
  })
  revokeKey(@Args() { key, input }: RevokeKeyArgs, @From() origin: Origin): Promise<KeyRevokedNow> {
    return dispatch(this.bus, new RevokeKey(key, input.reason, origin));
  }

  @Mutation(() => ConstitutionAmendedNow, {
    nullable: true,
    description: 'put a new version in force for runs to come, with the signatures of people',
  })
  @Allow('operator')
  amendConstitution(@Args() { document, input }: AmendArgs, @From() origin: Origin): Promise<ConstitutionAmendedNow> {
    return dispatch(this.bus, new AmendConstitution(document, input.reason, input.signatures, origin));
  }
}
