import { expect } from 'vitest';
import type { TestApi } from './gql.js';

const ERRORS = 'userErrors { code message field }';

const VERSION = `version createdAt createdBy publishedAt variables optionalVariables
  translations { language channel subject body mediaUrls providerRefs } issues { severity code message language line }`;

const FIELDS = `id code name category topic channels state enabled published { ${VERSION} } versions { ${VERSION} }`;

export const SAVE = `mutation ($input: SaveTemplateInput!) { saveTemplate(input: $input) { template { ${FIELDS} } ${ERRORS} } }`;
export const PUBLISH = `mutation ($code: String!, $version: Int!) {
  publishTemplate(code: $code, version: $version) { template { ${FIELDS} } ${ERRORS} }
}`;
export const ENABLE = `mutation ($code: String!, $enabled: Boolean!) {
  setTemplateEnabled(code: $code, enabled: $enabled) { template { ${FIELDS} } ${ERRORS} }
}`;
export const ARCHIVE = `mutation ($code: String!) { archiveTemplate(code: $code) { template { ${FIELDS} } ${ERRORS} } }`;
export const TEMPLATE = `query ($code: String!) { template(code: $code) { ${FIELDS} } }`;
export const TEMPLATES = `query ($state: TemplateState, $category: MessageCategory, $search: String) {
  templates(state: $state, category: $category, search: $search) { ${FIELDS} }
}`;

const ANALYSIS = 'encoding characters segments nonGsmCharacters { character replacement count } segmentsIfTransliterated';
export const PREVIEW = `query ($input: PreviewTemplateInput!) {
  previewTemplate(input: $input) {
    body subject language text { ${ANALYSIS} } missingVariables issues { severity code message language line }
    languages { language text { ${ANALYSIS} } } worstCase { sample body text { ${ANALYSIS} } }
  }
}`;

/** Saves it, in English unless it names its translations. */
export async function saved(api: TestApi, { body, ...input }: Record<string, unknown>): Promise<any> {
  const translations = [{ language: 'en', body }];
  const { saveTemplate } = await api.mutate(SAVE, { input: { translations, ...input } });
  expect(saveTemplate.userErrors).toEqual([]);
  return saveTemplate.template;
}
